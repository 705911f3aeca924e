// Russian of what comes with a room a moment later.

import type { InRoomTexts } from "./inroom";
import { clock, russian } from "./ru.forms";

const f = russian();
const languages = new Intl.DisplayNames("ru", { type: "language" });
/** «уже 5 минут» */
const minutes = (n: number): string => f.plural(n, { one: "# минуту", few: "# минуты", many: "# минут", other: "# минуты" });

export const inroom: InRoomTexts = {
  language: (code) => languages.of(code) ?? code,
  board: {
    now: "Сейчас говорят о",
    since: (n) => (n < 1 ? "только что" : `уже ${minutes(n)}`),
    said: (about) => `Сейчас говорят о: ${about}`,
    set: "О чём вы сейчас говорите",
    setPlaceholder: "Сейчас говорим о…",
    tell: "Показать",
    unset: "Убрать",
    card: "Карточка",
    cardWhy: "Пара слов и ссылка, для всех здесь.",
    cardSaid: (text) => `Повешена карточка: ${text}`,
    text: "Что на ней",
    textLeft: (n) => f.plural(n, { one: "Остался # знак", few: "Осталось # знака", many: "Осталось # знаков", other: "Осталось # знака" }),
    link: "Ссылка, если есть",
    linkPlaceholder: "https://…",
    linkWrong: "Подойдёт только адрес, который начинается с https://.",
    linkWhy: "Пока никто не перешёл по ссылке, ничьё устройство туда не обращается.",
    opens: (host) => `Откроет ${host} в новой вкладке`,
    pin: "Повесить",
    takeDown: "Снять",
    putAway: "Скрыть карточку",
    show: "Показать карточку",
  },
  chat: {
    title: "Чат комнаты",
    titleCount: (n) => f.plural(n, { one: "# сообщение", few: "# сообщения", many: "# сообщений", other: "# сообщения" }),
    gone: "Исчезнет вместе с комнатой, а ваши слова — вместе с вами.",
    empty: "Пока никто ничего не написал.",
    write: "Написать в комнату",
    send: "Отправить",
    slow: "Медленно: одно сообщение в полминуты.",
    tooSoon: "Минутку. Потом отправьте ещё раз.",
    takeAway: (who, text) => `Убрать сообщение (${who}): ${text}`,
    hidden: (n) => f.plural(n, { one: "# сообщение того, кого вы блокируете, не показано.", few: "# сообщения тех, кого вы блокируете, не показаны.", many: "# сообщений тех, кого вы блокируете, не показано.", other: "# сообщения тех, кого вы блокируете, не показаны." }),
    at: (time) => clock.format(time),
    modes: { off: "Выкл", slow: "Медленно", on: "Вкл" },
    modesLong: { off: "Никто не пишет в комнату", slow: "Каждый пишет раз в полминуты", on: "Все пишут в комнату" },
    you: "Вы",
  },
  talked: {
    title: "Кто сколько говорил",
    short: "Чтобы всем досталось поровну. Видят только те, кто следит за порядком.",
    since: (n) => (n < 1 ? "Счёт идёт с этой минуты." : `Счёт идёт уже ${minutes(n)}.`),
    gone: "Кто выйдет, забывается, а вместе с комнатой и всё остальное.",
    nobody: "Пока никто не говорил.",
    time: (seconds) =>
      seconds < 60
        ? f.plural(seconds, { one: "# секунда", few: "# секунды", many: "# секунд", other: "# секунды" })
        : f.plural(Math.floor(seconds / 60), { one: "# минута", few: "# минуты", many: "# минут", other: "# минуты" }),
  },
  green: {
    room: "Гримёрка.",
    why: "Здесь только те, кто выйдет на сцену; больше вас никто не видит и не слышит.",
    open: "Открыть двери",
  },
  hand: {
    up: "Ваша рука поднята. Можно сказать, о чём вы хотите говорить.",
    topic: "О чём вы хотите говорить",
    topicPlaceholder: "В двух словах",
    language: "Язык",
    anyLanguage: "Любой язык",
    add: "Добавить тему",
    change: "Изменить",
    save: "Сохранить",
    cancel: "Отмена",
    seen: "Видят только те, кто следит за порядком.",
    saved: "Те, кто следит за порядком, видят вашу тему.",
    taken: "Ваша тема убрана.",
    yours: (topic) => `Тема: ${topic}`,
    into: (language) => `Язык: ${language}`,
    about: (topic, language) => `${topic} (${language})`,
    first: "Впервые",
    firstWhy: "Этот голос здесь ещё не звучал.",
    move: "Переставить",
    moveWho: (who, place) => `Место ${f.number(place)}: переставить в очереди, ${who}`,
    pin: "В начало очереди",
    skip: "В конец очереди",
    pinned: (who) => `Следующая очередь: ${who}.`,
    skipped: (who) => `${who} теперь в конце очереди.`,
  },
};
