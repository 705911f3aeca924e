// Arabic of the screens about people.

import { arabic, LOCALE } from "./ar.forms";
import type { PeopleTexts } from "./people";

const f = arabic();
const months = new Intl.DateTimeFormat(LOCALE, { month: "long", year: "numeric", timeZone: "UTC" });
const languages = new Intl.DisplayNames("ar", { type: "language" });

export const people: PeopleTexts = {
  edit: "تعديل الملف",
  editing: "ملفك الشخصي",
  editWhy: "يراه كل من له حساب هنا.",
  saved: "حُفظ ملفك.",
  cancel: "إلغاء",
  called: "الاسم",
  bio: "نبذة عنك",
  bioPlaceholder: "ما المواضيع التي تحلو لك؟",
  bioLeft: (n) => f.plural(n, { zero: "لم يبق أي حرف", one: "بقي حرف واحد", two: "بقي حرفان", few: "بقيت # أحرف", many: "بقي # حرفًا", other: "بقي # حرف" }),
  bioLong: (n) => f.plural(n, { zero: "لا أحرف زائدة", one: "حرف واحد زائد", two: "حرفان زائدان", few: "# أحرف زائدة", many: "# حرفًا زائدًا", other: "# حرف زائد" }),
  bioLines: "اثنا عشر سطرًا على الأكثر.",
  pronunciation: "كيف يُلفظ اسمك",
  pronunciationPlaceholder: "مثلًا: لَيْ-لى",
  speaks: "لغات تتحدثها",
  understands: "لغات تفهمها أيضًا",
  addLanguage: "إضافة لغة",
  addSpoken: "إضافة لغة للتحدث",
  addUnderstood: "إضافة لغة مفهومة",
  unlist: (language) => `إزالة ${language} من القائمة`,
  languagesFull: "ثمانٍ تكفي.",
  nominator: "إظهار من دعاك",
  nominatorWhy: "من دعاك وإدارة هذا الخادم يرون ذلك في كل حال.",
  said: (how) => `اللفظ: ${how}`,
  speak: (list) => `لغات الحديث: ${list}`,
  understand: (list) => `لغات الفهم: ${list}`,
  language: (code) => languages.of(code) ?? code,
  since: (day) => `هنا منذ ${months.format(new Date(day * 86_400_000))}`,
  newcomer: "انضمام حديث",
  newcomerWhy: "منذ أقل من أسبوع. كلمة ترحيب تُسعد.",
  followers: (n) => f.plural(n, { zero: "لا متابعين", one: "متابع واحد", two: "متابعان", few: "# متابعين", many: "# متابعًا", other: "# متابع" }),
  following: (n) => f.plural(n, { zero: "لا متابعات", one: "متابعة واحدة", two: "متابعتان", few: "# متابعات", many: "# متابعة", other: "# متابعة" }),
  mutual: (names) => `ضمن المتابعين: ${f.list(names)}`,
  mutualMore: (names, more) =>
    `ضمن المتابعين: ${f.list([
      ...names,
      f.plural(more, { zero: "لا أحد غيرهم ممن تتابعهم", one: "واحد غيرهم ممن تتابعهم", two: "اثنان غيرهم ممن تتابعهم", few: "# غيرهم ممن تتابعهم", many: "# غيرهم ممن تتابعهم", other: "# غيرهم ممن تتابعهم" }),
    ])}`,
  followersOf: (who) => `متابعو ${who}`,
  followingOf: (who) => `متابعات ${who}`,
  nobodyFollows: "لا أحد بعد.",
  followsNobody: "لا أحد بعد.",
  more: "عرض المزيد",
  suggested: "ربما من معارفك",
  suggestedWhy: "من دعاك، وأشخاص يتابعهم.",
  nothingYet: "لا شيء هنا بعد.",
  nothingYetYou: "بضع كلمات عنك تكفي ليعرف الناس صاحب الصوت.",
  bell: "الجرس",
  bellOf: (who) => `جرس ${who}: إشعار عند فتح غرفة`,
  bellRung: (who) => `يصلك إشعار عند فتح ${who} غرفةً، حيث الإشعارات مفعّلة.`,
  bellHushed: (who) => `لن يصلك إشعار بعد الآن عند فتح ${who} غرفةً.`,
};
