// Arabic of the screens about announced events.

import type { EventKind } from "../protocol/EventKind";
import type { EventNews } from "../protocol/EventNews";
import type { EventPart } from "../protocol/EventPart";
import type { Repeat } from "../protocol/Repeat";
import { arabic, clock, LOCALE } from "./ar.forms";
import type { EventTexts } from "./events";
import { name } from "./format";

const f = arabic();
const languages = new Intl.DisplayNames("ar", { type: "language" });
const days = new Intl.DateTimeFormat(LOCALE, { weekday: "long", day: "numeric", month: "long" });
const short = new Intl.DateTimeFormat(LOCALE, { day: "numeric", month: "short" });
const relative = new Intl.RelativeTimeFormat(LOCALE, { numeric: "auto" });
const minutes = (n: number): string =>
  f.plural(n, { zero: "# دقيقة", one: "دقيقة واحدة", two: "دقيقتان", few: "# دقائق", many: "# دقيقة", other: "# دقيقة" });
const hours = (n: number): string =>
  f.plural(n, { zero: "# ساعة", one: "ساعة واحدة", two: "ساعتان", few: "# ساعات", many: "# ساعة", other: "# ساعة" });
const there = (zone: string) =>
  new Intl.DateTimeFormat(LOCALE, { weekday: "short", hour: "numeric", minute: "2-digit", timeZone: zone, timeZoneName: "longGeneric" });

export const events: EventTexts = {
  title: "قريبًا",
  all: "كل ما هو قريب",
  none: "لا شيء معلن",
  noneWhy: "يكفي تحديد الموضوع والموعد. يُذكَّر من يودّ الحضور، وقبل ربع ساعة تُفتح الغرفة بضغطة واحدة منك.",
  announce: "الإعلان عن لقاء",
  announcing: "الإعلان عن لقاء",
  announced: "أُعلن اللقاء.",
  changing: "تغيير هذا اللقاء",
  notThere: "لا لقاء كهذا",
  notThereWhy: "ربما انتهى، أو ليس لك.",

  today: (ms) => `اليوم، ${clock.format(ms)}`,
  tomorrow: (ms) => `غدًا، ${clock.format(ms)}`,
  when: (ms) => `${days.format(ms)}، ${clock.format(ms)}`,
  time: (ms) => clock.format(ms),
  day: (ms) => short.format(ms),
  dayToday: "اليوم",
  dayTomorrow: "غدًا",
  until: (ms) => `معلن حتى ${clock.format(ms)}`,
  there: (ms, zone) => there(zone).format(ms),
  after: (times) => `ثم ${f.list(times)}`,
  repeats: {
    once: "مرة واحدة",
    weekdays: "كل يوم عمل",
    weekly: "كل أسبوع",
    fortnightly: "كل أسبوعين",
    monthly: "كل شهر",
  } satisfies Record<Repeat, string>,
  length: (n) => (n % 60 === 0 ? hours(n / 60) : n < 60 ? minutes(n) : f.list([hours(Math.floor(n / 60)), minutes(n % 60)])),

  kinds: {
    open: "لكل من هنا",
    social: "لمن يتابعهم المضيفون",
    closed: "للمذكورين هنا",
  } satisfies Record<EventKind, string>,
  inLanguages: (list) => `اللغات: ${list}`,
  language: (code) => languages.of(code) ?? code,
  parts: { host: "استضافة", co_host: "مشاركة في الاستضافة", speaker: "حديث" } satisfies Record<EventPart, string>,
  who: "من سيكون هناك",
  hosted: (names) => `مع ${f.list(names)}`,

  going: (n) =>
    f.plural(n, {
      zero: "لا أحد يودّ الحضور بعد",
      one: "شخص واحد يودّ الحضور",
      two: "شخصان يودّان الحضور",
      few: "# أشخاص يودّون الحضور",
      many: "# شخصًا يودّون الحضور",
      other: "# شخص يودّون الحضور",
    }),
  nobodyYet: "لم يقل أحد بعد إنه يودّ الحضور",
  come: "أودّ الحضور",
  coming: "أنت ممن يودّون الحضور",
  comingWhy: "يصلك تذكير قبل ربع ساعة. يرى المضيفون اسمك إلى أن يبدأ، ثم يُنسى.",
  heardComing: "أنت ممن يودّون الحضور",
  heardNotComing: "سُحب ذلك",
  seeWho: "من يودّ الحضور",
  seeWhoWhy: "لا يراه إلا المضيفون، وإلى أن يبدأ فقط. ثم يُنسى.",
  stepBack: "إزالة اسمي من هذا اللقاء",
  stepBackWhy: "لا يعود اسمك مذكورًا معه.",
  steppedBack: "لم يعد اسمك مذكورًا معه",

  calledOff: "أُلغي",
  calledOffWhy: "ألغاه مضيفه. يختفي من هنا بعد يوم من موعد انتهائه.",
  callOff: "إلغاء اللقاء",
  callOffWhy: "يُبلَّغ من كان يودّ الحضور.",
  callOffAsk: "إلغاء اللقاء؟",
  callOffSays: "يُبلَّغ من كان يودّ الحضور، ولا رجوع عن ذلك. يمكن الإعلان عن لقاء آخر.",
  callOffYes: "إلغاء اللقاء",
  change: "تغييره",

  greenRoom: "فتح الكواليس",
  greenRoomWhy: "غرفة مغلقة لمن سيكونون على المنصة. لا يراها ولا يسمعها غيرهم إلى أن تُفتح الأبواب.",
  greenRoomLater: "قبل ربع ساعة تُفتح غرفته من هنا بضغطة واحدة.",
  backstage: "إلى الكواليس",
  late: "تأخر قليل: يبدأ حين يفتح المضيفون الأبواب.",
  now: "قائم الآن",

  toCalendar: "إضافة إلى التقويم",
  calendar: "برنامج تقويمك",
  calendarWhy: "عنوان لبرنامج التقويم، فيه ما تستضيفه أو تتحدث فيه أو تودّ حضوره. من يملكه يقرأ ذلك ولا شيء سواه، فلا يُعطى لأحد. يُعرض مرة واحدة.",
  calendarMake: "إنشاء عنوان",
  calendarAgain: "إنشاء عنوان آخر",
  calendarAgainWhy: "يتوقف العنوان الحالي عن العمل.",
  calendarDrop: "إنهاؤه",
  calendarDropped: "لم يعد العنوان صالحًا",
  calendarIs: "لتقويمك عنوان.",

  about: "عمّ هو",
  description: "المزيد عنه",
  descriptionPlaceholder: "لمن هو، وماذا سيجري؟",
  left: (n) => f.plural(n, { zero: "لم يبق أي حرف", one: "بقي حرف واحد", two: "بقي حرفان", few: "بقيت # أحرف", many: "بقي # حرفًا", other: "بقي # حرف" }),
  long: (n) => f.plural(n, { zero: "لا أحرف زائدة", one: "حرف واحد زائد", two: "حرفان زائدان", few: "# أحرف زائدة", many: "# حرفًا زائدًا", other: "# حرف زائد" }),
  lines: "ثمانية أسطر على الأكثر.",
  start: "متى يبدأ",
  zone: "المنطقة الزمنية",
  zoneHere: (zone) => `${name(zone.replaceAll("_", " "))}، منطقتك`,
  minutes: "كم يدوم",
  repeat: "التكرار",
  forWhom: "لمن",
  with: "من سيكون معك",
  withWhy: "يُدعون إلى منصة غرفته. المفتاح لمن يفتحها ويشرف عليها معك.",
  heldIn: "بأي لغات",
  addLanguage: "إضافة لغة",
  languagesFull: "ثمانٍ تكفي.",
  unlist: (language) => `إزالة ${language} من القائمة`,
  tooMany: "هذا أكثر مما يُذكر من الأشخاص مع لقاء واحد.",
  save: "حفظ التغييرات",
  cancel: "إلغاء",

  label: "أخبار عن اللقاءات",
  news: {
    time: (title, when) => `موعد جديد، ${title}: ${when}`,
    people: (title) => `تغيّر الحاضرون في ${title}`,
    called_off: (title) => `أُلغي: ${title}`,
    named: (title, when) => `دعوة إليك للمشاركة في ${title}: ${when}`,
  } satisfies Record<EventNews, (title: string, when: string) => string>,
  soon: (title, n) => `${title}: البداية ${relative.format(n, "minute")}`,
  see: "عرض",
  gotIt: "حسنًا",
};
