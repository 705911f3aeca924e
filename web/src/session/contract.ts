// What the screens may ask of a session. `session.ts` is the real one; tests of screens bring their own.

import type { EventId } from "../protocol/EventId";
import type { Handle } from "../protocol/Handle";
import type { NewRoom } from "../protocol/NewRoom";
import type { ParticipantId } from "../protocol/ParticipantId";
import type { Reaction } from "../protocol/Reaction";
import type { RoomCommand } from "../protocol/RoomCommand";
import type { RoomId } from "../protocol/RoomId";
import type { Found, Outcome, SessionState } from "./state";
import type { Talks } from "./talks";

export interface Session {
  readonly state: SessionState;
  /** Before there is a room. */
  readonly talks: Talks;
  /** Called after every change, with the new state. The returned function ends it. */
  subscribe(listener: (state: SessionState) => void): () => void;

  /** Open the socket and keep it open. Call after signing in. */
  open(): void;
  /** Leave everything: signed out. */
  close(): void;

  /** Call on pointerdown of something that enters a room, so that the offer is ready when the finger lifts. */
  prepare(): void;
  startRoom(room: NewRoom): Promise<Outcome>;
  enterRoom(room: RoomId): Promise<Outcome>;
  /** Into the room of an announced event; as a host of it, it is opened where there is none. */
  openEvent(event: EventId): Promise<Outcome>;
  /** Instant and silent. */
  leave(): void;
  declineRoom(room: RoomId): void;
  /** I have read why I am no longer in the room. */
  forgetLeft(): void;

  /** Everything in `RoomCommand` that needs no microphone. */
  command(command: RoomCommand): Promise<Outcome>;
  /** Ask the browser for the microphone, then come up, muted. */
  comeUp(): Promise<Outcome>;
  /** Open my microphone to see that it hears me, without a word to the room. A no to the stage closes it. */
  tryMicrophone(): Promise<boolean>;
  /** Open my microphone, for which the browser is asked when it is closed, or mute it: at once, and whatever the line does. */
  setMic(mic: "open" | "muted"): Promise<Outcome>;

  /** Shown here at once. */
  react(reaction: Reaction): Promise<Outcome>;

  /** The last search is answered, if need be a little later; one that was overtaken finds nobody. */
  findPeople(text: string): Promise<Found>;
  /** Somebody's volume for me alone, 0–1; of a member by handle, wherever they are. */
  setVolume(who: ParticipantId | Handle, volume: number): void;
  dismiss(key: number): void;
  /** The tap that lets sound out, where the browser wants one. */
  tapToListen(): void;

  /** How loud somebody is now, 0–1; cheap enough for every animation frame. Me included. */
  level(who: ParticipantId): number;
  /** How loud it is at my microphone, 0–1 root mean square, whether anybody hears it or not. */
  myLevel(): number;
  /** The clock that `since` and `at` in the state are read from, in milliseconds. */
  now(): number;
}

/** Sound devices and the local test of settings. */
export interface Devices {
  list(): Promise<{ readonly microphones: readonly Device[]; readonly speakers: readonly Device[] }>;
  readonly microphone: string | null;
  readonly speaker: string | null;
  /** Whether this browser can choose a loudspeaker. */
  readonly canChooseSpeaker: boolean;
  chooseMicrophone(id: string | null): Promise<void>;
  chooseSpeaker(id: string | null): Promise<void>;
  /** Opens the microphone locally and reports its level until the returned function is called; nothing leaves the page. */
  testMicrophone(onLevel: (level: number) => void): Promise<{ readonly ok: boolean; stop(): void }>;
  /** Plays a short tone on the chosen loudspeaker. */
  testSpeaker(): Promise<void>;
}

export interface Device {
  readonly id: string;
  readonly label: string;
}
