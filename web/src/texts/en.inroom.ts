// English of what comes with a room a moment later; the rest is in `en.ts`.

import { forms } from "./format";

const f = forms("en");
const clock = new Intl.DateTimeFormat("en", { timeStyle: "short" });
const languages = new Intl.DisplayNames("en", { type: "language" });

export const inroom = {
  language: (code: string) => languages.of(code) ?? code,
  board: {
    now: "Now talking about",
    since: (minutes: number) => (minutes < 1 ? "since just now" : f.plural(minutes, { one: "since # minute", other: "since # minutes" })),
    said: (about: string) => `Now talking about: ${about}`,
    set: "What you are talking about now",
    setPlaceholder: "Now talking about…",
    tell: "Show it",
    unset: "Take it off",
    card: "Pinned card",
    cardWhy: "A few words and a link, for everybody here.",
    cardSaid: (text: string) => `A card is pinned up: ${text}`,
    text: "What it says",
    textLeft: (n: number) => f.plural(n, { one: "# character left", other: "# characters left" }),
    link: "Link, if there is one",
    linkPlaceholder: "https://…",
    linkWrong: "An address that begins with https:// can be pinned up, and no other.",
    linkWhy: "Nobody's device asks that place for anything until they follow the link.",
    opens: (host: string) => `Opens ${host} in a new tab`,
    pin: "Pin it up",
    takeDown: "Take it down",
    putAway: "Put the card away",
    show: "Show the pinned card",
  },
  chat: {
    title: "Room chat",
    titleCount: (n: number) => f.plural(n, { one: "# message", other: "# messages" }),
    gone: "Gone with the room, and what you wrote with you.",
    empty: "Nobody has written anything yet.",
    write: "Write to the room",
    send: "Send",
    slow: "Slow: one message in half a minute.",
    tooSoon: "A moment, please. Then send it again.",
    takeAway: (who: string, text: string) => `Take away what ${who} wrote: ${text}`,
    hidden: (n: number) => f.plural(n, { one: "# message of somebody you block is not shown.", other: "# messages of people you block are not shown." }),
    at: (time: number) => clock.format(time),
    modes: { off: "Off", slow: "Slow", on: "On" },
    modesLong: { off: "Nobody writes to the room", slow: "Everybody writes once in half a minute", on: "Everybody writes to the room" },
    you: "You",
  },
  talked: {
    title: "Who talked how long",
    short: "To share the floor out fairly. Only those who keep order see it.",
    since: (minutes: number) => (minutes < 1 ? "Counted since just now." : f.plural(minutes, { one: "Counted for # minute.", other: "Counted for # minutes." })),
    gone: "Whoever leaves is forgotten, and all of it with the room.",
    nobody: "Nobody has been heard yet.",
    time: (seconds: number) =>
      seconds < 60
        ? f.plural(seconds, { one: "# second", other: "# seconds" })
        : f.plural(Math.floor(seconds / 60), { one: "# minute", other: "# minutes" }),
  },
  green: {
    room: "Green room.",
    why: "Only those who will be on stage are here; nobody else sees or hears you.",
    open: "Open the doors",
  },
  hand: {
    up: "Your hand is up. You can say what it is about.",
    topic: "What you would like to talk about",
    topicPlaceholder: "In a few words",
    language: "Language",
    anyLanguage: "Any language",
    add: "Add a topic",
    change: "Change",
    save: "Save",
    cancel: "Cancel",
    seen: "Those who keep order see it, and nobody else.",
    saved: "Those who keep order see your topic.",
    taken: "Your topic is taken back.",
    yours: (topic: string) => `About: ${topic}`,
    into: (language: string) => `In ${language}`,
    about: (topic: string, language: string) => `${topic} (${language})`,
    first: "First time",
    firstWhy: "Nobody has heard them here yet.",
    move: "Move",
    moveWho: (who: string, place: number) => `Place ${f.number(place)}: move ${who} in line`,
    pin: "To the head of the line",
    skip: "To the end of the line",
    pinned: (who: string) => `${who} is next.`,
    skipped: (who: string) => `${who} waits at the end of the line.`,
  },
};
