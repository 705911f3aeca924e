// What is said where no page is open: Russian of the service worker.

import type { WorkerTexts } from "./en.worker";

export const worker: WorkerTexts = {
  locale: "ru",
  dir: "ltr",
  said: {
    bell: (from) => ({ title: from === null ? "Открылась комната" : `@${from} открывает комнату`, body: "Приходите послушать." }),
    ask: (from) => ({ title: from === null ? "Вас зовут в комнату" : `@${from} зовёт вас в комнату`, body: "Она у вас в холле." }),
    event_soon: (from) => ({ title: from === null ? "Встреча скоро начнётся" : `Скоро встреча, ведёт @${from}`, body: "Через четверть часа." }),
    event_named: (from) => ({ title: from === null ? "Вас зовут на встречу" : `@${from} зовёт вас на встречу`, body: "Посмотрите, когда она и получится ли прийти." }),
    event_changed: (from) => ({ title: from === null ? "Встреча изменилась" : `Изменилась встреча, ведёт @${from}`, body: "Её время или состав." }),
    event_off: (from) => ({ title: from === null ? "Встреча отменена" : `Отменена встреча, ведёт @${from}`, body: "Она в вашем списке встреч." }),
    trial: () => ({ title: "Так выглядят уведомления", body: "Вы видите это, потому что попросили показать." }),
  },
  something: { title: "Что-то происходит", body: "Загляните в холл." },
  turnOff: {
    bell: "Не об этом человеке",
    ask: "Больше не сообщать",
    event_soon: "Больше не сообщать",
    event_named: "Больше не сообщать",
    event_changed: "Больше не сообщать",
    event_off: "Больше не сообщать",
    trial: "",
  },
  isOff: {
    bell: (from) => `Вам больше не сообщают, когда @${from} открывает комнату.`,
    ask: () => "Вам больше не сообщают, когда вас зовут в комнату.",
    event: () => "Вам больше не сообщают о встречах. На открытых страницах это видно.",
  },
  turnedOff: "Выключено",
  notOff: "Не получилось",
  notOffWhy: "Откройте Vivavoce: это в настройках, в разделе «Уведомления».",
};
