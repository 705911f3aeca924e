// What is said where no page is open: English of the service worker, which is a file of its own and brings its words along.

import type { Handle } from "../protocol/Handle";
import type { PushKind } from "../protocol/PushKind";

type Said = Record<PushKind, (from: Handle | null) => { readonly title: string; readonly body: string }>;

export const worker = {
  locale: "en",
  said: {
    bell: (from) => ({ title: from === null ? "A room has opened" : `@${from} started a room`, body: "Come and listen." }),
    ask: (from) => ({ title: from === null ? "You are asked into a room" : `@${from} asks you into a room`, body: "It is in your hallway." }),
    trial: () => ({ title: "This is how you are told", body: "You see this because you asked for it." }),
  } satisfies Said,
  /** What is wrong with one that cannot be read: it is shown all the same, since browsers want that. */
  something: { title: "Something is going on", body: "Look into the hallway." },
  turnOff: { bell: "Not for this person", ask: "Turn these off", trial: "" },
  isOff: {
    bell: (from: Handle) => `You are not told any more when @${from} starts a room.`,
    ask: () => "You are not told any more when somebody asks you into a room.",
  },
  turnedOff: "Turned off",
  notOff: "That did not work",
  notOffWhy: "Open Vivavoce: it is in the settings, under Notifications.",
};

export type WorkerTexts = typeof worker;
