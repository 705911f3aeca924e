// What the screens draw: one immutable value, replaced on every change. No DOM, no framework.

import type { Board } from "../protocol/Board";
import type { ChatMessage } from "../protocol/ChatMessage";
import type { ErrorCode } from "../protocol/ErrorCode";
import type { Hand } from "../protocol/Hand";
import type { Handle } from "../protocol/Handle";
import type { LeftReason } from "../protocol/LeftReason";
import type { Me } from "../protocol/Me";
import type { Notice } from "../protocol/Notice";
import type { Person } from "../protocol/Person";
import type { RoomCard } from "../protocol/RoomCard";
import type { RoomFacts } from "../protocol/RoomFacts";
import type { RoomId } from "../protocol/RoomId";
import type { ServerFacts } from "../protocol/ServerFacts";
import type { You } from "../protocol/You";
import type { ParticipantId } from "../protocol/ParticipantId";
import type { Reactions } from "./reactions";
import type { Spoke } from "./spoke";
import { ALONE, type TalkState } from "./talks";
import type { TalkTime } from "../protocol/TalkTime";
import type { Volumes } from "./volumes";
import type { Misses } from "./weakness";

/** The socket to the server. `since` is `performance.now()`-like, in milliseconds of the session's clock. */
export type Line =
  | { readonly is: "closed" }
  | { readonly is: "connecting"; readonly since: number }
  | { readonly is: "open" }
  /** Lost; a new one is being tried. */
  | { readonly is: "lost"; readonly since: number }
  /** The server refused for good; nothing is tried any more. */
  | { readonly is: "refused"; readonly why: ErrorCode };

/** The media connection of the room I am in. */
export type MediaLine =
  | { readonly is: "none" }
  | { readonly is: "connecting"; readonly since: number }
  | { readonly is: "live" }
  /** Packets are being lost; what arrives is heard. */
  | { readonly is: "weak"; readonly misses: Misses }
  /** Lost; a fresh one is being built. */
  | { readonly is: "lost"; readonly since: number };

/** Whether the browser lets sound out. */
export type Playback = "ok" | "needs_tap";

/** My microphone, as this browser has it. The room decides whether it is heard. */
export type Microphone =
  | { readonly is: "closed" }
  /** The browser is asking the person. */
  | { readonly is: "asking" }
  | { readonly is: "ready"; readonly label: string }
  /** The person or the browser said no. */
  | { readonly is: "denied" }
  /** There is none, or another program has it. */
  | { readonly is: "missing" }
  /** The system took it away, for example for a phone call. */
  | { readonly is: "interrupted" };

/** Something said to the person once, until dismissed or lapsed. */
export interface Said {
  readonly key: number;
  readonly at: number;
  readonly notice: Notice;
}

export interface Room {
  readonly room: RoomId;
  readonly epoch: number;
  readonly sequence: number;
  readonly facts: RoomFacts;
  readonly you: You;
  /** In the server's order: stage first, by arrival there. */
  readonly people: ReadonlyMap<ParticipantId, Person>;
  readonly queue: readonly Hand[];
  readonly asked: readonly Handle[];
  /** Heard now, loudest slot order of the server; an empty slot is null. */
  readonly slots: readonly (ParticipantId | null)[];
  /** What hangs there for everybody. */
  readonly board: Board;
  /** What was written lately, the oldest first. */
  readonly chat: readonly ChatMessage[];
  /** How long people have talked, as far as I asked; null when I never did. */
  readonly talked: { readonly since: number; readonly times: readonly TalkTime[] } | null;
  readonly media: MediaLine;
  readonly playback: Playback;
  readonly microphone: Microphone;
  /** The mic state I asked for and the server has not confirmed; null when there is none. */
  readonly wantedMic: "open" | "muted" | null;
  /** I am muted, and my microphone hears speech. */
  readonly mutedButSpeaking: boolean;
  /** The server has just brought this room back after a crash; said for a while, then taken back. */
  readonly restarted: boolean;
  readonly said: readonly Said[];
  readonly reactions: Reactions;
  /** Who was heard lately, the latest first; some may have left. */
  readonly spoke: readonly Spoke[];
  /** Of people without a handle, 0–1; absent means 1. */
  readonly volumes: ReadonlyMap<ParticipantId, number>;
}

/** The room I was in last, and why I am not any more. */
export interface Left {
  readonly room: RoomId;
  readonly reason: LeftReason;
}

export interface SessionState extends TalkState {
  readonly line: Line;
  readonly server: ServerFacts | null;
  readonly me: Me | null;
  /** In the order of the hallway: asked in, people I follow, the rest. */
  readonly hallway: readonly RoomCard[];
  readonly room: Room | null;
  /** A room is being entered or started. */
  readonly entering: RoomId | "new" | null;
  readonly left: Left | null;
  /** Of members, on this device; the room has those of guests. */
  readonly volumes: Volumes;
  /** How often something about events to come may have changed: whoever shows them asks again with each. */
  readonly eventsEdition: number;
  /** The server goes down at this moment of the session's clock. */
  readonly drainingAt: number | null;
}

export const EMPTY: SessionState = {
  ...ALONE,
  line: { is: "closed" },
  server: null,
  me: null,
  hallway: [],
  room: null,
  entering: null,
  left: null,
  volumes: new Map(),
  eventsEdition: 0,
  drainingAt: null,
};

/** The answer to something asked: done, or the code of why not. */
export type Outcome = { readonly ok: true } | { readonly ok: false; readonly error: ErrorCode };
/** Who was found, or why nobody could be sought. */
export type Found = { readonly ok: true; readonly people: readonly Person[] } | { readonly ok: false; readonly error: ErrorCode };
