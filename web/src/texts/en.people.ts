// English of the screens about people, which comes with them; the rest is in `en.ts`.

import { forms } from "./format";

const f = forms("en");
const months = new Intl.DateTimeFormat("en", { month: "long", year: "numeric", timeZone: "UTC" });
const languages = new Intl.DisplayNames("en", { type: "language" });

export const people = {
  edit: "Edit profile",
  editing: "Your profile",
  editWhy: "Everybody with an account here sees it.",
  saved: "Your profile is saved.",
  cancel: "Cancel",
  called: "Name",
  bio: "About you",
  bioPlaceholder: "What do you like to talk about?",
  bioLeft: (n: number) => f.plural(n, { one: "# character left", other: "# characters left" }),
  bioLong: (n: number) => f.plural(n, { one: "# character too many", other: "# characters too many" }),
  bioLines: "At most twelve lines.",
  pronunciation: "How your name is said",
  pronunciationPlaceholder: "For example: SHIV-awn",
  speaks: "You speak",
  understands: "You also understand",
  addLanguage: "Add a language",
  addSpoken: "Add a language that you speak",
  addUnderstood: "Add a language that you understand",
  unlist: (language: string) => `Take ${language} off the list`,
  languagesFull: "Eight is enough.",
  nominator: "Show who invited you",
  nominatorWhy: "Whoever invited you and whoever runs this server see it all the same.",
  said: (how: string) => `Say it: ${how}`,
  speak: (list: string) => `Speaks ${list}`,
  understand: (list: string) => `Understands ${list}`,
  language: (code: string) => languages.of(code) ?? code,
  since: (day: number) => `Here since ${months.format(new Date(day * 86_400_000))}`,
  newcomer: "New here",
  newcomerWhy: "Came within the last week. Say hello.",
  followers: (n: number) => f.plural(n, { one: "# follower", other: "# followers" }),
  following: (n: number) => f.plural(n, { one: "# followed", other: "# followed" }),
  mutual: (names: readonly string[]) => `Followed by ${f.list(names)}`,
  mutualMore: (names: readonly string[], more: number) =>
    `Followed by ${f.list([...names, f.plural(more, { one: "one more that you follow", other: "# more that you follow" })])}`,
  followersOf: (who: string) => `Who follows ${who}`,
  followingOf: (who: string) => `Whom ${who} follows`,
  nobodyFollows: "Nobody yet.",
  followsNobody: "Nobody yet.",
  more: "Show more",
  suggested: "You may know them",
  suggestedWhy: "Whoever invited you, and people they follow.",
  nothingYet: "Nothing about them yet.",
  nothingYetYou: "Say a few words about yourself, so that people know whom they hear.",
  bell: "Bell",
  bellOf: (who: string) => `Bell of ${who}: tell me when they start a room`,
  bellRung: (who: string) => `You are told when ${who} starts a room, where notifications are on.`,
  bellHushed: (who: string) => `You are not told any more when ${who} starts a room.`,
};
