// Russian of the screens about people.

import type { PeopleTexts } from "./people";
import { ofMonth, russian } from "./ru.forms";

const f = russian();
const languages = new Intl.DisplayNames("ru", { type: "language" });

export const people: PeopleTexts = {
  edit: "Изменить профиль",
  editing: "Ваш профиль",
  editWhy: "Его видят все, у кого здесь есть учётная запись.",
  saved: "Профиль сохранён.",
  cancel: "Отмена",
  called: "Имя",
  bio: "О себе",
  bioPlaceholder: "О чём вам нравится говорить?",
  bioLeft: (n) => f.plural(n, { one: "Остался # знак", few: "Осталось # знака", many: "Осталось # знаков", other: "Осталось # знака" }),
  bioLong: (n) => f.plural(n, { one: "# лишний знак", few: "# лишних знака", many: "# лишних знаков", other: "# лишнего знака" }),
  bioLines: "Не больше двенадцати строк.",
  pronunciation: "Как произносится ваше имя",
  pronunciationPlaceholder: "Например: Шивóн",
  speaks: "Вы говорите",
  understands: "Ещё вы понимаете",
  addLanguage: "Добавить язык",
  addSpoken: "Добавить язык, на котором вы говорите",
  addUnderstood: "Добавить язык, который вы понимаете",
  unlist: (language) => `Убрать из списка: ${language}`,
  languagesFull: "Восьми достаточно.",
  nominator: "Показывать, кто вас пригласил",
  nominatorWhy: "Тот, кто вас пригласил, и те, кто ведёт этот сервер, видят это в любом случае.",
  said: (how) => `Произносится: ${how}`,
  speak: (list) => `Говорит: ${list}`,
  understand: (list) => `Понимает: ${list}`,
  language: (code) => languages.of(code) ?? code,
  since: (day) => `Здесь с ${ofMonth(day)}`,
  newcomer: "Здесь недавно",
  newcomerWhy: "Меньше недели. Поздоровайтесь.",
  followers: (n) => f.plural(n, { one: "# подписчик", few: "# подписчика", many: "# подписчиков", other: "# подписчика" }),
  following: (n) => f.plural(n, { one: "# подписка", few: "# подписки", many: "# подписок", other: "# подписки" }),
  mutual: (names) => `Подписаны: ${f.list(names)}`,
  mutualMore: (names, more) =>
    `Подписаны: ${f.list([...names, f.plural(more, { one: "ещё # из ваших подписок", few: "ещё # из ваших подписок", many: "ещё # из ваших подписок", other: "ещё # из ваших подписок" })])}`,
  followersOf: (who) => `Подписчики: ${who}`,
  followingOf: (who) => `Подписки: ${who}`,
  nobodyFollows: "Пока никого.",
  followsNobody: "Пока никого.",
  more: "Показать ещё",
  suggested: "Возможно, вы знакомы",
  suggestedWhy: "Тот, кто вас пригласил, и те, на кого он подписан.",
  nothingYet: "Здесь пока пусто.",
  nothingYetYou: "Напишите пару слов о себе, чтобы было понятно, чей это голос.",
  bell: "Колокольчик",
  bellOf: (who) => `Колокольчик, ${who}: сообщать об открытии комнаты`,
  bellRung: (who) => `Вам сообщат, когда ${who} откроет комнату, там, где включены уведомления.`,
  bellHushed: (who) => `Вам больше не сообщают, когда ${who} открывает комнату.`,
};
