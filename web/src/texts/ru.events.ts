// Russian of the screens about announced events.

import type { EventKind } from "../protocol/EventKind";
import type { EventNews } from "../protocol/EventNews";
import type { EventPart } from "../protocol/EventPart";
import type { Repeat } from "../protocol/Repeat";
import type { EventTexts } from "./events";
import { clock, russian } from "./ru.forms";

const f = russian();
const languages = new Intl.DisplayNames("ru", { type: "language" });
const days = new Intl.DateTimeFormat("ru", { weekday: "long", day: "numeric", month: "long" });
const short = new Intl.DateTimeFormat("ru", { day: "numeric", month: "short" });
const relative = new Intl.RelativeTimeFormat("ru", { numeric: "auto" });
const capital = (text: string): string => text.slice(0, 1).toLocaleUpperCase("ru") + text.slice(1);
const minutes = (n: number): string => f.plural(n, { one: "# минута", few: "# минуты", many: "# минут", other: "# минуты" });
const hours = (n: number): string => f.plural(n, { one: "# час", few: "# часа", many: "# часов", other: "# часа" });
const there = (zone: string) =>
  new Intl.DateTimeFormat("ru", { weekday: "short", hour: "numeric", minute: "2-digit", timeZone: zone, timeZoneName: "longGeneric" });

export const events: EventTexts = {
  title: "Скоро",
  all: "Всё, что скоро",
  none: "Ничего не объявлено",
  noneWhy: "Скажите, о чём будет разговор и когда. Всем, кто хочет прийти, мы напомним, а за четверть часа до начала вы одним нажатием откроете комнату.",
  announce: "Объявить встречу",
  announcing: "Объявить встречу",
  announced: "Встреча объявлена.",
  changing: "Изменить встречу",
  notThere: "Такой встречи нет",
  notThereWhy: "Может быть, она уже прошла или не для вас.",

  today: (ms) => `Сегодня, ${clock.format(ms)}`,
  tomorrow: (ms) => `Завтра, ${clock.format(ms)}`,
  when: (ms) => `${capital(days.format(ms))}, ${clock.format(ms)}`,
  time: (ms) => clock.format(ms),
  day: (ms) => short.format(ms),
  dayToday: "Сегодня",
  dayTomorrow: "Завтра",
  until: (ms) => `Объявлено до ${clock.format(ms)}`,
  there: (ms, zone) => capital(there(zone).format(ms)),
  after: (times) => `Затем ${f.list(times)}`,
  repeats: {
    once: "Один раз",
    weekdays: "По будням",
    weekly: "Каждую неделю",
    fortnightly: "Раз в две недели",
    monthly: "Каждый месяц",
  } satisfies Record<Repeat, string>,
  length: (n) => (n % 60 === 0 ? hours(n / 60) : n < 60 ? minutes(n) : f.list([hours(Math.floor(n / 60)), minutes(n % 60)])),

  kinds: {
    open: "Для всех, кто здесь",
    social: "Для тех, на кого подписаны ведущие",
    closed: "Для тех, кто здесь назван",
  } satisfies Record<EventKind, string>,
  inLanguages: (list) => `Языки: ${list}`,
  language: (code) => languages.of(code) ?? code,
  parts: { host: "Ведёт", co_host: "Помогает вести", speaker: "Выступает" } satisfies Record<EventPart, string>,
  who: "Кто будет",
  hosted: (names) => `Будут: ${f.list(names)}`,

  going: (n) => f.plural(n, { one: "# хочет прийти", few: "# хотят прийти", many: "# хотят прийти", other: "# хотят прийти" }),
  nobodyYet: "Пока никто не отметился",
  come: "Хочу прийти",
  coming: "Вы хотите прийти",
  comingWhy: "За четверть часа мы напомним. Ведущие видят ваше имя до начала, потом оно забывается.",
  heardComing: "Вы хотите прийти",
  heardNotComing: "Отметка снята",
  seeWho: "Кто хочет прийти",
  seeWhoWhy: "Это видят только ведущие и только до начала. Потом всё забывается.",
  stepBack: "Убрать меня из этой встречи",
  stepBackWhy: "Вашего имени при ней больше не будет.",
  steppedBack: "Вашего имени при ней больше нет",

  calledOff: "Отменена",
  calledOffWhy: "Встречу отменили. Она исчезнет отсюда через день после того, как должна была закончиться.",
  callOff: "Отменить встречу",
  callOffWhy: "Всем, кто хотел прийти, сообщат.",
  callOffAsk: "Отменить встречу?",
  callOffSays: "Всем, кто хотел прийти, сообщат, и вернуть её нельзя. Можно объявить другую.",
  callOffYes: "Отменить встречу",
  change: "Изменить",

  greenRoom: "Открыть гримёрку",
  greenRoomWhy: "Закрытая комната для тех, кто выйдет на сцену. Больше никто её не видит и не слышит, пока вы не откроете двери.",
  greenRoomLater: "За четверть часа до начала вы одним нажатием откроете здесь её комнату.",
  backstage: "В гримёрку",
  late: "Чуть позже: начнётся, когда ведущие откроют двери.",
  now: "Идёт сейчас",

  toCalendar: "Добавить в календарь",
  calendar: "Ваш календарь",
  calendarWhy: "Адрес для программы-календаря: в нём встречи, которые вы ведёте, где выступаете и куда хотите прийти. Кто его знает, читает это и ничего больше, поэтому никому его не давайте. Он показывается один раз.",
  calendarMake: "Создать адрес",
  calendarAgain: "Создать другой адрес",
  calendarAgainWhy: "Прежний перестанет работать.",
  calendarDrop: "Отключить",
  calendarDropped: "Адрес больше не работает",
  calendarIs: "У вашего календаря есть адрес.",

  about: "О чём она",
  description: "Подробнее",
  descriptionPlaceholder: "Для кого она, что будет?",
  left: (n) => f.plural(n, { one: "Остался # знак", few: "Осталось # знака", many: "Осталось # знаков", other: "Осталось # знака" }),
  long: (n) => f.plural(n, { one: "# лишний знак", few: "# лишних знака", many: "# лишних знаков", other: "# лишнего знака" }),
  lines: "Не больше восьми строк.",
  start: "Когда начало",
  zone: "Часовой пояс",
  zoneHere: (zone) => `${zone.replaceAll("_", " ")}, ваш`,
  minutes: "Сколько продлится",
  repeat: "Повтор",
  forWhom: "Для кого",
  with: "Кто будет с вами",
  withWhy: "Их позовут на сцену. Дайте ключ тем, кто откроет комнату и присмотрит за порядком вместе с вами.",
  heldIn: "На каких языках",
  addLanguage: "Добавить язык",
  languagesFull: "Восьми достаточно.",
  unlist: (language) => `Убрать из списка: ${language}`,
  tooMany: "Столько людей при одной встрече назвать нельзя.",
  save: "Сохранить изменения",
  cancel: "Отмена",

  label: "Новости о встречах",
  news: {
    time: (title, when) => `Новое время, ${title}: ${when}`,
    people: (title) => `Изменился состав: ${title}`,
    called_off: (title) => `Отменено: ${title}`,
    named: (title, when) => `Вас зовут на встречу «${title}»: ${when}`,
  } satisfies Record<EventNews, (title: string, when: string) => string>,
  soon: (title, n) => `${title}: начало ${relative.format(n, "minute")}`,
  see: "Открыть",
  gotIt: "Хорошо",
};
