// Arabic of what comes with a room a moment later.

import { arabic, clock } from "./ar.forms";
import type { InRoomTexts } from "./inroom";

const f = arabic();
const languages = new Intl.DisplayNames("ar", { type: "language" });
const minutes = (n: number): string =>
  f.plural(n, { zero: "# دقيقة", one: "دقيقة واحدة", two: "دقيقتين", few: "# دقائق", many: "# دقيقة", other: "# دقيقة" });

export const inroom: InRoomTexts = {
  language: (code) => languages.of(code) ?? code,
  board: {
    now: "الحديث الآن عن",
    since: (n) => (n < 1 ? "منذ لحظات" : `منذ ${minutes(n)}`),
    said: (about) => `الحديث الآن عن: ${about}`,
    set: "عمّ حديثكم الآن",
    setPlaceholder: "الحديث الآن عن…",
    tell: "إظهاره",
    unset: "إزالته",
    card: "بطاقة معلّقة",
    cardWhy: "بضع كلمات ورابط، لكل من هنا.",
    cardSaid: (text) => `عُلّقت بطاقة: ${text}`,
    text: "ما تقوله",
    textLeft: (n) => f.plural(n, { zero: "لم يبق أي حرف", one: "بقي حرف واحد", two: "بقي حرفان", few: "بقيت # أحرف", many: "بقي # حرفًا", other: "بقي # حرف" }),
    link: "رابط، إن وُجد",
    linkPlaceholder: "https://…",
    linkWrong: "يمكن تعليق عنوان يبدأ بـ https://، ولا شيء غيره.",
    linkWhy: "لا يتصل جهاز أحد بذلك المكان قبل أن يُفتح الرابط.",
    opens: (host) => `يفتح ${host} في علامة تبويب جديدة`,
    pin: "تعليقها",
    takeDown: "إنزالها",
    putAway: "إخفاء البطاقة",
    show: "إظهار البطاقة المعلّقة",
  },
  chat: {
    title: "دردشة الغرفة",
    titleCount: (n) => f.plural(n, { zero: "لا رسائل", one: "رسالة واحدة", two: "رسالتان", few: "# رسائل", many: "# رسالة", other: "# رسالة" }),
    gone: "تزول مع الغرفة، ويزول ما كتبته معك.",
    empty: "لم يكتب أحد شيئًا بعد.",
    write: "كتابة إلى الغرفة",
    send: "إرسال",
    slow: "ببطء: رسالة واحدة كل نصف دقيقة.",
    tooSoon: "بعد لحظة من فضلك، ثم الإرسال من جديد.",
    takeAway: (who, text) => `إزالة ما كتبه ${who}: ${text}`,
    hidden: (n) => f.plural(n, { zero: "لا رسائل مخفية.", one: "رسالة واحدة ممن حظرتهم لا تظهر.", two: "رسالتان ممن حظرتهم لا تظهران.", few: "# رسائل ممن حظرتهم لا تظهر.", many: "# رسالة ممن حظرتهم لا تظهر.", other: "# رسالة ممن حظرتهم لا تظهر." }),
    at: (time) => clock.format(time),
    modes: { off: "متوقفة", slow: "بطيئة", on: "مفتوحة" },
    modesLong: { off: "لا أحد يكتب إلى الغرفة", slow: "يكتب كل واحد مرة كل نصف دقيقة", on: "الجميع يكتبون إلى الغرفة" },
    you: "أنت",
  },
  talked: {
    title: "كم تحدث كل شخص",
    short: "ليُقسم الكلام بعدل. لا يراه إلا المشرفون.",
    since: (n) => (n < 1 ? "العدّ منذ لحظات." : `العدّ منذ ${minutes(n)}.`),
    gone: "من يغادر يُنسى، ويُنسى كل ذلك مع الغرفة.",
    nobody: "لم يتحدث أحد بعد.",
    time: (seconds) =>
      seconds < 60
        ? f.plural(seconds, { zero: "# ثانية", one: "ثانية واحدة", two: "ثانيتان", few: "# ثوانٍ", many: "# ثانية", other: "# ثانية" })
        : f.plural(Math.floor(seconds / 60), { zero: "# دقيقة", one: "دقيقة واحدة", two: "دقيقتان", few: "# دقائق", many: "# دقيقة", other: "# دقيقة" }),
  },
  green: {
    room: "الكواليس.",
    why: "هنا فقط من سيكونون على المنصة؛ لا أحد غيرهم يراك أو يسمعك.",
    open: "فتح الأبواب",
  },
  hand: {
    up: "يدك مرفوعة. يمكنك ذكر موضوعك.",
    topic: "عمّ تودّ الحديث",
    topicPlaceholder: "بكلمات قليلة",
    language: "اللغة",
    anyLanguage: "أي لغة",
    add: "إضافة موضوع",
    change: "تغيير",
    save: "حفظ",
    cancel: "إلغاء",
    seen: "لا يراه إلا المشرفون.",
    saved: "يرى المشرفون موضوعك.",
    taken: "سُحب موضوعك.",
    yours: (topic) => `الموضوع: ${topic}`,
    into: (language) => `اللغة: ${language}`,
    about: (topic, language) => `${topic} (${language})`,
    first: "أول مرة",
    firstWhy: "لم يُسمع هذا الصوت هنا بعد.",
    move: "نقل",
    moveWho: (who, place) => `المكان ${f.number(place)}: نقل ${who} في الدور`,
    pin: "إلى أول الدور",
    skip: "إلى آخر الدور",
    pinned: (who) => `الدور التالي لـ${who}.`,
    skipped: (who) => `${who} في آخر الدور الآن.`,
  },
};
