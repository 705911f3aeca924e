// English of the screens about announced events, which comes with them; the rest is in `en.ts`.

import type { EventKind } from "../protocol/EventKind";
import type { EventNews } from "../protocol/EventNews";
import type { EventPart } from "../protocol/EventPart";
import type { Repeat } from "../protocol/Repeat";
import { forms } from "./format";

const f = forms("en");
const languages = new Intl.DisplayNames("en", { type: "language" });
const clock = new Intl.DateTimeFormat("en", { timeStyle: "short" });
const days = new Intl.DateTimeFormat("en", { weekday: "long", day: "numeric", month: "long" });
const short = new Intl.DateTimeFormat("en", { day: "numeric", month: "short" });
const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
const minutes = (n: number): string => f.plural(n, { one: "# minute", other: "# minutes" });
const hours = (n: number): string => f.plural(n, { one: "# hour", other: "# hours" });
const there = (zone: string) =>
  new Intl.DateTimeFormat("en", { weekday: "short", hour: "numeric", minute: "2-digit", timeZone: zone });

export const events = {
  title: "Coming up",
  all: "All that is coming up",
  none: "Nothing is announced",
  noneWhy: "Say what it will be about and when. Whoever would like to come is reminded, and a quarter of an hour before you open its room with one tap.",
  announce: "Announce an event",
  announcing: "Announce an event",
  announced: "It is announced.",
  changing: "Change this event",
  notThere: "There is no such event",
  notThereWhy: "It may be over, or it is not for you.",

  today: (ms: number) => `Today, ${clock.format(ms)}`,
  tomorrow: (ms: number) => `Tomorrow, ${clock.format(ms)}`,
  when: (ms: number) => `${days.format(ms)}, ${clock.format(ms)}`,
  /** On a tile. */
  time: (ms: number) => clock.format(ms),
  day: (ms: number) => short.format(ms),
  dayToday: "Today",
  dayTomorrow: "Tomorrow",
  until: (ms: number) => `Announced until ${clock.format(ms)}`,
  /** The same moment, where it was announced. */
  there: (ms: number, zone: string) => `${there(zone).format(ms)} in ${(zone.split("/").at(-1) ?? zone).replaceAll("_", " ")}`,
  after: (times: readonly string[]) => `Then ${f.list(times)}`,
  repeats: {
    once: "Once",
    weekdays: "Every weekday",
    weekly: "Every week",
    fortnightly: "Every two weeks",
    monthly: "Every month",
  } satisfies Record<Repeat, string>,
  length: (n: number) => (n % 60 === 0 ? hours(n / 60) : n < 60 ? minutes(n) : f.list([hours(Math.floor(n / 60)), minutes(n % 60)])),

  kinds: {
    open: "For everyone here",
    social: "For people its hosts follow",
    closed: "For those named here",
  } satisfies Record<EventKind, string>,
  inLanguages: (list: string) => `In ${list}`,
  language: (code: string) => languages.of(code) ?? code,
  parts: { host: "Host", co_host: "Co-host", speaker: "Speaker" } satisfies Record<EventPart, string>,
  who: "Who will be there",
  hosted: (names: readonly string[]) => `With ${f.list(names)}`,

  going: (n: number) => f.plural(n, { one: "# would like to come", other: "# would like to come" }),
  nobodyYet: "Nobody has said that they would like to come yet",
  come: "I'd like to come",
  coming: "You'd like to come",
  comingWhy: "You are reminded a quarter of an hour before. Its hosts see your name until it begins; then it is forgotten.",
  heardComing: "You would like to come",
  heardNotComing: "Taken back",
  seeWho: "See who would like to come",
  seeWhoWhy: "Only hosts see this, and only until it begins. Then it is forgotten.",
  stepBack: "Take me off this event",
  stepBackWhy: "You are not named with it any more.",
  steppedBack: "You are not named with it any more",

  calledOff: "Called off",
  calledOffWhy: "Its host called it off. It goes from here a day after it would have ended.",
  callOff: "Call it off",
  callOffWhy: "Whoever would have come is told.",
  callOffAsk: "Call it off?",
  callOffSays: "Whoever would have come is told, and it cannot be taken back. You can announce another one.",
  callOffYes: "Call it off",
  change: "Change it",

  greenRoom: "Open the green room",
  greenRoomWhy: "A closed room for those who will be on stage. Nobody else sees or hears it until you open the doors.",
  greenRoomLater: "From a quarter of an hour before, you open its room here with one tap.",
  backstage: "Into the green room",
  late: "A little late: it begins when the hosts open the doors.",
  now: "It is on now",

  toCalendar: "Add to your calendar",
  calendar: "Your calendar program",
  calendarWhy: "An address for your calendar program, with what you host, speak at or would like to come to. Whoever has it reads that and nothing else, so give it to nobody. It is shown once.",
  calendarMake: "Make an address",
  calendarAgain: "Make another address",
  calendarAgainWhy: "The one you have stops working.",
  calendarDrop: "End it",
  calendarDropped: "The address does not work any more",
  calendarIs: "Your calendar has an address.",

  about: "What is it about",
  description: "More about it",
  descriptionPlaceholder: "Who is it for, what will happen?",
  left: (n: number) => f.plural(n, { one: "# character left", other: "# characters left" }),
  long: (n: number) => f.plural(n, { one: "# character too many", other: "# characters too many" }),
  lines: "At most eight lines.",
  start: "When does it begin",
  zone: "Time zone",
  zoneHere: (zone: string) => `${zone.replaceAll("_", " ")}, yours`,
  minutes: "How long",
  repeat: "Again",
  forWhom: "For whom",
  with: "Who will be there with you",
  withWhy: "They are asked to the stage of its room. Give a key to whoever opens it and keeps order with you.",
  heldIn: "In which languages",
  addLanguage: "Add a language",
  languagesFull: "Eight is enough.",
  unlist: (language: string) => `Take ${language} off the list`,
  tooMany: "That is more people than can be named with one event.",
  save: "Save the changes",
  cancel: "Cancel",

  label: "News about events",
  news: {
    time: (title: string, when: string) => `${title} begins at another time: ${when}`,
    people: (title: string) => `Other people will be at ${title}`,
    called_off: (title: string) => `${title} was called off`,
    named: (title: string, when: string) => `You are asked to be at ${title}: ${when}`,
  } satisfies Record<EventNews, (title: string, when: string) => string>,
  soon: (title: string, n: number) => `${title} begins ${relative.format(n, "minute")}`,
  see: "See",
  gotIt: "All right",
};
