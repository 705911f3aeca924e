// What is said where no page is open: English of the service worker, which is a file of its own and brings its words along.

import type { Handle } from "../protocol/Handle";
import type { PushKind } from "../protocol/PushKind";

type Said = Record<PushKind, (from: Handle | null) => { readonly title: string; readonly body: string }>;

export const worker = {
  locale: "en",
  dir: "ltr" as "ltr" | "rtl",
  said: {
    bell: (from) => ({ title: from === null ? "A room has opened" : `@${from} started a room`, body: "Come and listen." }),
    ask: (from) => ({ title: from === null ? "You are asked into a room" : `@${from} asks you into a room`, body: "It is in your hallway." }),
    event_soon: (from) => ({ title: from === null ? "An event is about to begin" : `An event of @${from} is about to begin`, body: "In a quarter of an hour." }),
    event_named: (from) => ({ title: from === null ? "You are asked to be at an event" : `@${from} asks you to be at an event`, body: "See when, and whether you can." }),
    event_changed: (from) => ({ title: from === null ? "An event has changed" : `An event of @${from} has changed`, body: "Its time, or who will be there." }),
    event_off: (from) => ({ title: from === null ? "An event was called off" : `An event of @${from} was called off`, body: "It is in your list of events." }),
    trial: () => ({ title: "This is how you are told", body: "You see this because you asked for it." }),
  } satisfies Said,
  /** What is wrong with one that cannot be read: it is shown all the same, since browsers want that. */
  something: { title: "Something is going on", body: "Look into the hallway." },
  turnOff: {
    bell: "Not for this person",
    ask: "Turn these off",
    event_soon: "Turn these off",
    event_named: "Turn these off",
    event_changed: "Turn these off",
    event_off: "Turn these off",
    trial: "",
  } satisfies Record<PushKind, string>,
  isOff: {
    bell: (from: Handle) => `You are not told any more when @${from} starts a room.`,
    ask: () => "You are not told any more when somebody asks you into a room.",
    event: () => "You are not told of events any more. Open pages still say it.",
  },
  turnedOff: "Turned off",
  notOff: "That did not work",
  notOffWhy: "Open Vivavoce: it is in the settings, under Notifications.",
};

export type WorkerTexts = typeof worker;
