// Arabic of what every screen says. Buttons are nouns of action, and states are nouns: nobody's gender is guessed.

import type { CardDoor } from "../protocol/CardDoor";
import type { ErrorCode } from "../protocol/ErrorCode";
import type { LeftReason } from "../protocol/LeftReason";
import type { Reaction } from "../protocol/Reaction";
import type { ReportReason } from "../protocol/ReportReason";
import type { RoomKind } from "../protocol/RoomKind";
import type { SandboxState } from "../protocol/SandboxState";
import type { Misses } from "../session/weakness";
import { arabic } from "./ar.forms";
import type { Language, Texts } from "./index";

const f = arabic();
const seconds = (n: number): string =>
  f.plural(n, { zero: "# ثانية", one: "ثانية واحدة", two: "ثانيتين", few: "# ثوانٍ", many: "# ثانية", other: "# ثانية" });

const errors: Record<ErrorCode, string> = {
  malformed: "لم تصل الرسالة كاملة. تُرجى المحاولة من جديد.",
  too_large: "هذا أطول من اللازم.",
  out_of_order: "جاء ذلك في غير وقته. تُرجى المحاولة من جديد.",
  too_many: "محاولات كثيرة في وقت قصير. يُرجى الانتظار قليلًا ثم المحاولة من جديد.",
  signed_out: "لا يوجد حساب مسجَّل الدخول على هذا الجهاز.",
  wrong_origin: "هذه الصفحة ليست من هذا الخادم. يُرجى فتحها من عنوان الخادم نفسه.",
  not_there: "لا شيء هنا.",
  not_allowed: "هذا غير ممكن هنا.",
  person_gone: "لم يعد هذا الشخص هنا.",
  not_now: "فات أوان ذلك.",
  full: "المكان ممتلئ.",
  locked: "الباب مقفل حاليًا.",
  not_yet: "طُلبت منك مغادرة هذه الغرفة عشر دقائق. بعدها يُفتح لك الباب من جديد.",
  link_spent: "لم يعد هذا الرابط أو الرمز صالحًا. كل واحد يعمل مرة واحدة ولمدة قصيرة.",
  handle_taken: "هذا المعرّف مأخوذ.",
  name_taken: "هنا نادٍ بهذا الاسم أو باسم يشبهه تمامًا.",
  bad_name: "لا يمكن استعمال هذا الاسم. من حرف إلى أربعين حرفًا، من دون أحرف خفية.",
  bad_handle: "من حرفين إلى عشرين من أبجدية واحدة، مع أرقام أو نقاط أو شرطات.",
  bad_title: "لا يمكن استعمال هذا العنوان. حتى ستين حرفًا، من دون أحرف خفية.",
  bad_picture: "لا يستطيع الخادم قراءة هذه الصورة. يُرجى اختيار JPEG أو PNG.",
  bad_description: "لا يمكن استعمال هذا الوصف. حتى مئتي حرف في ثمانية أسطر، من دون أحرف خفية.",
  bad_zone: "لا يعرف الخادم هذه المنطقة الزمنية. يُرجى اختيار غيرها.",
  start_past: "مضى هذا الوقت. يُرجى اختيار وقت قادم.",
  start_far: "هذا أبعد مما يُعلَن عنه: ثلاثة عشر شهرًا على الأكثر.",
  events_full: "لا يمكن الإعلان عن لقاءات أكثر في وقت واحد. يُرجى انتظار انتهاء أحدها أو إلغاؤه.",
  no_invite_left: "لم تبق دعوات حاليًا. تأتي واحدة كل أسبوع.",
  invites_paused: "أوقفت إدارة هذا الخادم دعواتك مؤقتًا.",
  suspended: "علّقت إدارة هذا الخادم هذا الحساب. يمكنك سؤالها عن ذلك.",
  passkey_refused: "لم يعمل مفتاح المرور، أو أُلغي.",
  passkey_unknown: "لم يعد الخادم يعرف مفتاح المرور هذا. يُرجى الدخول بطريقة أخرى.",
  passkeys_unavailable: "لا تعمل مفاتيح المرور على هذا العنوان.",
  bad_offer: "لم يتفق المتصفح والخادم على الصوت. تُرجى المحاولة من جديد.",
  no_owner_yet: "هذا الخادم في انتظار مالكه.",
  owner_stays: "هذا الخادم في عهدتك، ولا بد له من مالك. يجب نقله أولًا إلى عضو آخر: vivavoce admin owner HANDLE على الجهاز الذي يعمل عليه.",
  busy: "الخادم لا يستجيب أو هو مشغول جدًا. تُرجى المحاولة بعد لحظات.",
  draining: "الخادم على وشك إعادة التشغيل. تُرجى المحاولة بعد دقيقة.",
  old_client: "هذه الصفحة أقدم من الخادم. يُرجى إعادة تحميلها.",
  internal: "حدث عطل في الخادم. تُرجى المحاولة من جديد.",
};

const left: Record<LeftReason, { title: string; why: string }> = {
  left: { title: "غادرت الغرفة", why: "الباب ما زال في مكانه." },
  removed: { title: "أُخرجت من هذه الغرفة", why: "لا يمكن العودة إليها. الغرف الأخرى مفتوحة لك." },
  time_out: { title: "طُلبت منك المغادرة عشر دقائق", why: "بعدها يمكنك العودة إن بقيت الغرفة. الغرف الأخرى مفتوحة لك." },
  ended: { title: "انتهت هذه الغرفة", why: "لم يبق منها شيء." },
  lost: { title: "ضاعت هذه الغرفة", why: "تعطّل الخادم ولم يتمكن من استعادتها. نأسف لذلك." },
  away: { title: "طال غيابك", why: "بعد نصف دقيقة من دون اتصال أُخلي مكانك. هل تودّ العودة؟" },
  other_device: { title: "أنت في هذه الغرفة على جهاز آخر", why: "مكانك هناك الآن. يمكنك استعادته هنا." },
  signed_out: { title: "سُجّل الخروج على هذا الجهاز", why: "وذهب معه مكانه في الغرفة." },
  too_slow: { title: "لم يلحق هذا الجهاز بما يجري", why: "تأخر عما ترسله الغرفة. هل تودّ العودة؟" },
};

const reasons: Record<ReportReason, string> = {
  harassment: "مضايقة",
  hate: "كراهية",
  threats: "تهديد",
  sexual: "محتوى جنسي",
  spam: "إزعاج أو ضجيج",
  impersonation: "انتحال شخصية",
  other: "سبب آخر",
};

const kinds: Record<RoomKind, string> = { open: "مفتوحة", social: "للمتابَعين", club: "لأعضاء النادي", closed: "مغلقة" };

const sandbox: Record<SandboxState, string> = {
  full: "محكم الإغلاق: عملية الشبكة لا تستطيع كتابة أي ملف",
  without_landlock: "مغلق بقفل واحد؛ والثاني غير متوفر في النظام",
  off: "غير مغلق: شُغّل من دون بيئته المعزولة",
};

const cardDoors: Record<CardDoor, string> = { open: "", locked: "مقفلة حاليًا", full: "ممتلئة" };

export const ar: Texts = {
  errors,
  left,
  reasons,
  kinds,
  sandbox,
  cardDoors,

  common: {
    product: "Vivavoce",
    close: "إغلاق",
    back: "رجوع",
    save: "حفظ",
    copy: "نسخ",
    copied: "تم النسخ",
    share: "مشاركة",
    tryAgain: "محاولة أخرى",
    later: "لاحقًا",
    notNow: "ليس الآن",
    reload: "إعادة التحميل",
    you: "أنت",
    handle: (handle) => `@${handle}`,
    sentence: (text) => `${text}.`,
    notRecorded: "هذا الخادم لا يسجّل شيئًا",
    couldRecord: "لكن قد يسجّل أحد المشاركين.",
    unsandboxed: "يعمل هذا الخادم من دون بيئته المعزولة",
    list: f.list,
  },

  boot: {
    starting: "لحظة واحدة",
    unreachable: "الخادم لا يجيب",
    unreachableWhy: "قد يكون قيد إعادة التشغيل، أو الاتصال مقطوعًا. نواصل المحاولة.",
    waiting: "هذا الخادم في انتظار مالكه",
    waitingWhy: "الدخول بالرابط الذي طبعه عند تشغيله.",
    erased: "مُحي حسابك",
    erasedWhy: "لم يعد هذا الخادم يعرف عنك شيئًا، سوى ما تحفظه نسخة أقدم حتى اليوم الذي ذُكر لك.",
    toDoor: "إلى الباب",
    nowhere: "لا شيء هنا",
    nowhereWhy: "ربما في العنوان خطأ، أو زال ما كان يقود إليه.",
    toHallway: "إلى الردهة",
    oldClient: "هنا نسخة أحدث",
    oldClientWhy: "هذه الصفحة أقدم من الخادم. يكفي تحميلها من جديد.",
    missing: "لم يصل جزء من هذه الصفحة.",
    missingWhy: "ربما لدى الخادم جزء أحدث. إعادة التحميل تجلبه.",
    missingRoom: "ربما لدى الخادم جزء أحدث. إعادة التحميل تجلبه، ويبقى مكانك في الغرفة.",
    voiceless: "هذا المتصفح لا ينقل الصوت",
    voicelessWhy: "WebRTC غير موجود هنا أو معطّل: بسبب إضافة، أو وضع حماية، أو ممن يدير هذا الجهاز. قد يتوفر في متصفح آخر.",
    insecure: "على هذا العنوان يمنع المتصفح الميكروفون ومفاتيح المرور.",
    insecureUse: (url) => `العنوان البديل: ${url}.`,
    insecureListen: "الاستماع ممكن هنا.",
  },

  hall: {
    title: "يُقال الآن",
    askedTitle: "دعوات إليك",
    others: "غرف أخرى",
    newRooms: (n) =>
      f.plural(n, { zero: "لا غرف جديدة", one: "غرفة جديدة واحدة", two: "غرفتان جديدتان", few: "# غرف جديدة", many: "# غرفة جديدة", other: "# غرفة جديدة" }),
    start: "فتح غرفة",
    search: "البحث عن أشخاص",
    me: (who) => `أنت: ${who}. الإعدادات`,
    empty: "الهدوء يعمّ المكان. لا بد من أن يبدأ أحد.",
    emptyWhy: "يمكنك فتح غرفة وترك بابها مفتوحًا. تظهر للجميع فورًا، ولا بأس ببعض الصمت أيضًا.",
    emptyInvite: "دعوة أحد",
    emptyFind: "البحث عن أشخاص للمتابعة",
    untitled: (who) => `مع ${who}`,
    untitledNobody: "لا أحد على المنصة بعد",
    askedBy: (who) => `مغلقة، بدعوة من ${who}`,
    askedInto: (who) => `بدعوة من ${who}`,
    decline: "ليس الآن",
    declineLabel: (title) => `ليس الآن: ${title}`,
    hide: (title) => `إخفاء: ${title}`,
    hiddenTopic: (words) => `الغرف عن «${words}» مخفية عنك.`,
    showTopic: "إظهارها",
    showTopicLabel: (words) => `إظهار الغرف عن «${words}»`,
    hiddenSaid: (title) => `أُخفيت: ${title}`,
    hiddenRooms: (n) =>
      f.plural(n, { zero: "لا غرف مخفية عنك", one: "غرفة واحدة مخفية عنك", two: "غرفتان مخفيتان عنك", few: "# غرف مخفية عنك", many: "# غرفة مخفية عنك", other: "# غرفة مخفية عنك" }),
    showAll: (n) => f.plural(n, { zero: "إظهارها", one: "إظهارها", two: "إظهارهما", few: "إظهارها", many: "إظهارها", other: "إظهارها" }),
    speaking: (names) => `الكلمة الآن لـ${f.list(names)}`,
    speakingWith: (names, others) => `الكلمة الآن لـ${f.list(names)}، ومعهم ${f.list(others)}`,
    pause: (names) => `استراحة: ${f.list(names)}`,
    stageFree: "المنصة خالية",
    onStage: (n) => `على المنصة: ${f.number(n)}`,
    listening: (n, followed) => {
      const all = f.plural(n, { zero: "لا مستمعين", one: "مستمع واحد", two: "مستمعان", few: "# مستمعين", many: "# مستمعًا", other: "# مستمع" });
      return followed === 0 ? all : `${all}، منهم ممن تتابعهم: ${f.number(followed)}`;
    },
    youAreIn: "أنت هنا",
    ofEvent: "معلنة لهذا اليوم",
    people: "معارفك",
    invite: "دعوة أحد",
    invitesLeft: (n) =>
      f.plural(n, { zero: "لا دعوات لديك", one: "لديك دعوة واحدة", two: "لديك دعوتان", few: "لديك # دعوات", many: "لديك # دعوة", other: "لديك # دعوة" }),
    noInvites: "لم تبق دعوات حاليًا. تأتي واحدة كل أسبوع.",
    find: "البحث عن أشخاص",
    findWhy: "غرف من تتابعهم تأتي أولًا.",
    clubs: "النوادي",
    clubsWhy: "لمن يعودون إلى الطاولة نفسها.",
    aboutServer: "هذا الخادم",
    secure: "مشفّر في الطريق",
    insecure: "غير مشفّر على هذا العنوان",
    memory: "تنتهي الغرف ولا تترك شيئًا.",
    noWayBack: "لا طريق للعودة بعد",
    noWayBackWhy: "من الأفضل حفظ مفتاح مرور أو رموز استرداد قبل أن يضيع هذا الجهاز.",
    noWayBackDo: "حفظها الآن",
    stale: "ليست حديثة: الاتصال بالخادم مقطوع.",
  },

  room: {
    hands: "من يمكنه رفع يده",
    untitled: "غرفة بلا اسم",
    sent: "أُرسلت إلى غرفة",
    back: "إلى الردهة مع البقاء في الغرفة",
    menu: "هذه الغرفة",
    menuWith: (what) => `هذه الغرفة، ${what}`,
    invite: "دعوة أحد",
    onStage: "على المنصة",
    stageFree: "المنصة خالية.",
    stageFreeYours: "برفع يدك تصبح لك، ما إن يدعوك إليها أحد المشرفين.",
    followed: "يتابعهم المتحدثون",
    others: "آخرون في الغرفة",
    listeners: "في الاستماع",
    nobodyElse: "لا أحد يستمع بعد.",
    count: f.number,
    counted: "في الاستماع، كلهم محسوبون هنا",
    find: "البحث بين المستمعين",
    findPlaceholder: "البحث عن شخص",
    found: (n) => f.plural(n, { zero: "لا نتائج", one: "نتيجة واحدة", two: "نتيجتان", few: "# نتائج", many: "# نتيجة", other: "# نتيجة" }),
    locked: "مقفلة",
    enter: "دخول",
    entering: "الباب يُفتح",
    doorWhy: "تدخل للاستماع أولًا. لا أحد يسمعك.",
    notThere: "لا غرفة هنا",
    notThereWhy: "ربما انتهت، أو ليست مفتوحة لك.",
    leave: "مغادرة بهدوء",
    barLabel: "أنت في هذه الغرفة",
    nobodySpeaks: "لا أحد يتحدث",
    someone: "شخص ما",
    ending: "هذه الغرفة على وشك الانتهاء",
    titleSpeaking: (title) => `◂ ${title}`,
  },

  person: {
    speaking: "يتحدث",
    held: "مقفل",
    silent: "",
    owner: "المالك",
    moderator: "إشراف",
    guest: "ضيف",
    guestOf: (who) => `ضيف ${who}`,
    reconnecting: "إعادة اتصال",
    silenced: "صامت لديك",
    blocked: "محظور لديك",
    invited: "دعوة إلى المنصة",
    you: "أنت",
    label: (parts) => parts.join("، "),
    labelSpeaking: "يتحدث",
    labelMuted: "الميكروفون مكتوم",
    labelHeld: "الميكروفون مقفل",
    newcomer: "انضمام حديث",
    labelOwner: "المالك",
    labelModerator: "إشراف",
    labelGuestOf: (who) => `ضيف ${who}`,
    labelReconnecting: "إعادة اتصال",
    labelInvited: "دعوة إلى المنصة",
    labelSilenced: "صامت لديك",
    labelBlocked: "محظور لديك",
    labelYou: "أنت",
  },

  bar: {
    microphone: "الميكروفون",
    on: "مفتوح",
    muted: "مكتوم",
    held: "مقفل",
    asking: "قيد الطلب",
    raise: "رفع اليد",
    lower: "خفض اليد",
    place: (n) => f.ordinal(n, { other: "دورك: #" }),
    handsOff: "بلا أيدٍ",
    handsFollowed: "للمتابَعين",
    invited: "دعوة إليك",
    queue: (n) =>
      f.plural(n, { zero: "لا أيدي مرفوعة", one: "يد واحدة مرفوعة", two: "يدان مرفوعتان", few: "# أيدٍ مرفوعة", many: "# يدًا مرفوعة", other: "# يد مرفوعة" }),
    mutedSpeaking: "ميكروفونك مكتوم، ويبدو أن هناك كلامًا.",
    open: "فتح الميكروفون",
    heldBy: "ميكروفونك مقفل من الإشراف. يمكنك طلب فكّ القفل.",
  },

  react: {
    button: "تفاعل",
    sent: (what) => `أنت: ${what}`,
    lately: "تفاعلات قبل قليل",
    counted: (what, n) => `${what}: ${f.number(n)}`,
    names: {
      applause: "تصفيق",
      heart: "قلب",
      laugh: "ضحك",
      wow: "دهشة",
      agree: "موافقة",
      celebrate: "احتفال",
    } satisfies Record<Reaction, string>,
  },

  asked: {
    title: (who) => `دعوة من ${who} إلى المنصة`,
  },

  line: {
    connecting: "جارٍ الاتصال",
    lost: "نبحث عن طريق العودة.",
    lostFor: (n) => `حتى الآن ${seconds(n)}.`,
    placeKept: "دورك محفوظ.",
    seatKept: "مكانك محفوظ نصف دقيقة.",
    weakLine: "الاتصال ضعيف.",
    weakListening: "الاستماع مستمر.",
    weak: {
      me: "قد تفوتك كلمة.",
      others: "قد لا يصل صوتك جيدًا.",
      both: "قد تفوتك كلمة، وتفوت الآخرين أيضًا.",
    } satisfies Record<Misses, string>,
    mediaConnecting: "جارٍ وصل الصوت",
    back: "عاد الاتصال.",
    restarted: "عاد الاتصال. أُعيد تشغيل الخادم، وبقي كلٌّ في مكانه.",
    draining: (n) => (n > 0 ? `يُعاد تشغيل الخادم خلال ${seconds(n)}.` : "يُعاد تشغيل الخادم."),
    drainingWhy: "لا حاجة إلى المغادرة: ستعود تلقائيًا.",
    tap: "الضغط للاستماع",
    tapWhy: "يريد المتصفح ضغطة واحدة قبل إخراج الصوت.",
    newer: "هناك نسخة أحدث. تُحمَّل عند مغادرة هذه الغرفة.",
  },

  phase: {
    waiting: (n) => `لا أحد من الإشراف هنا. خلال ${seconds(n)} يُسأل أحد الحاضرين أن يتولاه.`,
    moderatorless: (n) =>
      `لا أحد من الإشراف هنا، لذلك لا تُرفع الأيدي. تنتهي الغرفة خلال ${f.plural(n, { zero: "# دقيقة", one: "دقيقة واحدة", two: "دقيقتين", few: "# دقائق", many: "# دقيقة", other: "# دقيقة" })}.`,
    ending: (n) => `تنتهي هذه الغرفة خلال ${seconds(n)}. لا يبقى منها شيء.`,
    keepGoing: "مواصلة",
  },

  parts: {
    qr: "العنوان صورةً للمسح",
    shareText: (server) => `أهلًا بك في ${server}. بالصوت الحي، ومن دون تسجيل.`,
  },

  heard: {
    micOn: "الميكروفون مفتوح",
    micOff: "الميكروفون مكتوم",
    handUp: "رُفعت اليد",
    handDown: "خُفضت اليد",
    handOf: (who) => `يد مرفوعة: ${who}`,
    onStage: "أنت على المنصة، والميكروفون مكتوم",
    offStage: "أنت بين المستمعين",
    cameUp: (who) => `${who} على المنصة`,
    wentDown: (who) => `نزول ${who} عن المنصة`,
    entered: (title) => `أنت في: ${title}`,
    left: "غادرت الغرفة",
    lineLost: "انقطع الاتصال",
  },
};

export const language: Language = {
  locale: "ar",
  dir: "rtl",
  load: async () => ar,
  sheets: async () => (await import("./ar.sheets")).sheets,
  doors: async () => (await import("./ar.doors")).doors,
  events: async () => (await import("./ar.events")).events,
  inroom: async () => (await import("./ar.inroom")).inroom,
  people: async () => (await import("./ar.people")).people,
  clubs: async () => (await import("./ar.clubs")).clubs,
  settings: async () => (await import("./ar.settings")).settings,
};
