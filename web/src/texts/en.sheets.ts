// English of the sheets, which comes with them; the rest is in `en.ts`.

import type { HandPolicy } from "../protocol/HandPolicy";
import { forms } from "./format";

const f = forms("en");
const seconds = (n: number): string => f.plural(n, { one: "# second", other: "# seconds" });

export const sheets = {
  start: {
    title: "Start a room",
    about: "What about? Optional",
    aboutPlaceholder: "What about? Or nothing yet",
    who: "Who may come in",
    open: "Everyone here",
    openWhy: (server: string) => `Any member of ${server}`,
    social: "People you follow",
    socialWhy: "And people your moderators follow",
    closed: "Only people I pick",
    closedWhy: "For everybody else it does not exist",
    hands: "Raised hands",
    pick: "Who",
    pickMore: "Ask people in",
    pickPlaceholder: "Name or handle",
    nobody: "Nobody of that name.",
    nobodyYet: "Type a name; people on this server show up here.",
    makeModerator: (who: string) => `${who} keeps order too`,
    unpick: (who: string) => `Take ${who} off the list`,
    pickOne: "Pick at least one person.",
    go: "Open the door",
    opening: "Opening the door",
    muted: "You arrive muted. Not recorded by this server.",
    already: "You are in a room. Starting one leaves it.",
  },

  hands: {
    everyone: "Everyone",
    followed_by_speakers: "Followed",
    off: "Off",
  } satisfies Record<HandPolicy, string>,

  handsLong: {
    everyone: "Everyone may raise a hand",
    followed_by_speakers: "People followed by speakers may raise a hand",
    off: "Hands are off",
  } satisfies Record<HandPolicy, string>,

  queue: {
    title: (n: number) => (n === 0 ? "No hands up" : f.plural(n, { one: "# hand", other: "# hands" })),
    policy: (policy: string) => `Who may raise a hand: ${policy}`,
    bringUp: "Bring up",
    bringUpWho: (who: string) => `Bring up ${who}`,
    later: "Later",
    laterWho: (who: string) => `Lower the hand of ${who}`,
    takeBackWho: (who: string) => `Take back the invitation of ${who}`,
    invited: "Asked up, waiting",
    now: "Just now",
    minutes: (n: number) => f.plural(n, { one: "Waits # minute", other: "Waits # minutes" }),
    empty: "Who raises a hand waits here, in order.",
  },

  asked: {
    why: "You arrive muted. Only you can open your microphone, and you can step down whenever you like.",
    micWhy: "Your browser asks for the microphone now; it stays shut until you open it.",
    yes: "Come up, muted",
    no: "Not now",
    lapses: (n: number) => `Stands for ${seconds(n)}`,
  },

  acts: {
    mute: "Mute",
    muteWhy: "They can unmute",
    hold: "Hold",
    holdWhy: "Silent until you release",
    release: "Release",
    releaseWhy: "Stays muted, theirs again",
    invite: "Ask up to the stage",
    inviteWhy: "They arrive muted, if they say yes",
    takeBack: "Take the invitation back",
    toAudience: "To the audience",
    makeModerator: "Make moderator",
    unmakeModerator: "No longer moderator",
    handOver: "Hand the room over",
    handOverWhy: "They own it, you stay as moderator",
    remove: "Remove from the room",
    removeWhy: "Cut off at once. Ten seconds to undo.",
    ban: "Ban from this room",
    banWhy: "Cut off at once, for as long as this room lives.",
    volume: "Volume, for you only",
    sound: "Sound",
    forYou: "for you only",
    follow: "Follow",
    unfollow: "Following",
    profile: "Profile",
    stepDown: "Step down",
    stepDownWhy: "Back to listening. Nobody asks why.",
  },

  menu: {
    title: "This room",
    rename: "What it is about",
    widenSocial: "To people followed by moderators",
    widenOpen: "To everyone here",
    widenWhy: "Everybody in the room is told. It cannot be taken back.",
    lock: "Lock the door",
    lockWhy: "Nobody new. People who lost their line still come back.",
    muteAll: "Mute all but moderators",
    panic: "Panic",
    panicLong: "Panic: hold all, lock the room",
    panicWhy: "Hold all but moderators, hands off, door locked.",
    askIn: "Ask people in",
    askedIn: "Asked in, not here yet",
    end: "End the room for everyone",
    endWhy: "In ten seconds. Nothing stays.",
    copyLink: "Copy the room's address",
    copyLinkWhy: "For members who may come in. For others there is no room.",
    inviteNew: "Invite somebody new to this server",
    inviteLands: "Whoever comes by it lands in this room, listening.",
    inviteHall: "Whoever comes by it lands in the hallway: only those who keep order ask people into this room.",
    inviteNewWhy: (n: number) => f.plural(n, { one: "# invitation left", other: "# invitations left" }),
    stepDown: "Step down from the stage",
    goUp: "Go up on stage",
    ask: "Ask",
    asked: (n: number) => f.plural(n, { one: "# person asked in", other: "# people asked in" }),
  },

  leaving: {
    title: "Who keeps order when you are gone?",
    why: "You are the last moderator here.",
    handTo: (who: string) => `Hand over to ${who}, and leave`,
    handToWhy: "Hand over, and leave",
    just: "Just leave",
    justWhy: "The room waits a minute for you, then asks the longest-standing speaker.",
    end: "End the room",
  },

  takeOver: {
    title: "Will you take this room over?",
    why: "Nobody keeps order here at the moment. You would: letting people speak, and letting them go.",
    yes: "Take it over",
  },

  microphone: {
    preview: "Heard by nobody, only measured.",
    try: "Try it first",
  },

  help: {
    escape: "Esc",
    keyEscape: "Close what is open",
    arrows: "← →",
    keyArrows: "From one listener or reaction to the next",
    title: "Keys",
    off: "Switched off",
    settings: "Switch keys on and off",
  },
};
