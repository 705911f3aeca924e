// What a scene is, and what scenes are made of.

import type { Possible } from "../../app/pushing";
import type { ChatId } from "../../protocol/ChatId";
import type { ChatMessage } from "../../protocol/ChatMessage";
import type { ParticipantId } from "../../protocol/ParticipantId";
import type { ErrorCode } from "../../protocol/ErrorCode";
import type { GuestLink } from "../../protocol/GuestLink";
import type { GuestSeat } from "../../protocol/GuestSeat";
import type { InvitePreview } from "../../protocol/InvitePreview";
import type { Board } from "../../protocol/Board";
import type { Authority } from "../../protocol/Authority";
import type { Event } from "../../protocol/Event";
import type { Club } from "../../protocol/Club";
import type { Hand } from "../../protocol/Hand";
import type { MyPlace } from "../../protocol/MyPlace";
import type { Notice } from "../../protocol/Notice";
import type { OrderPage } from "../../protocol/OrderPage";
import type { Person } from "../../protocol/Person";
import type { Profile } from "../../protocol/Profile";
import type { PushSettings } from "../../protocol/PushSettings";
import type { RoomFacts } from "../../protocol/RoomFacts";
import type { RoomId } from "../../protocol/RoomId";
import type { ServerFacts } from "../../protocol/ServerFacts";
import type { ServerDoor } from "../../protocol/ServerDoor";
import { QUIET } from "../../session/reactions";
import { EMPTY, type Room, type SessionState } from "../../session/state";
import { CARDS, FOLLOWED, id, ME_ID, me, OTHERS, person, STAGE } from "./people";
import { now } from "./time";

export interface Scene {
  readonly at: string;
  readonly state: () => SessionState;
  readonly signedIn: boolean;
  readonly door: ServerDoor;
  readonly preview?: InvitePreview | ErrorCode;
  /** What a guest's link leads to. */
  readonly guest?: GuestSeat | ErrorCode;
  /** Links for guests that were given in this room. */
  readonly guests?: readonly GuestLink[];
  readonly linkError?: ErrorCode;
  /** What a room's door answers whoever knocks. */
  readonly refuses?: ErrorCode;
  /** What the server answers whoever seeks people, or signs out. */
  readonly failing?: ErrorCode;
  /** What the browser answers whoever tries the microphone in the settings; yes unless told otherwise. */
  readonly microphone?: "denied" | "missing";
  /** As on an address that browsers do not trust. */
  readonly insecure?: true;
  /** What is announced; nothing unless told otherwise. */
  readonly events?: readonly Event[];
  /** Whom I block; nobody unless told otherwise. */
  readonly blocks?: readonly Profile[];
  /** What is told where; nothing here unless told otherwise. */
  readonly push?: PushSettings;
  /** What the browser lets this page do about it. */
  readonly pushable?: Possible;
  /** What keeps order; nothing unless told otherwise. */
  readonly order?: OrderPage;
  /** What I am anything to; some clubs unless told otherwise. */
  readonly clubs?: Club[];
  /** What is done when the screen stands. */
  readonly steps?: readonly Step[];
  /** What then happens by itself. */
  readonly then?: Partial<SessionState>;
}

/** Done as a person would, by the beginning of an accessible name. */
export type Step =
  | { readonly press: string }
  | { readonly write: string; readonly into: string }
  | { readonly key: string }
  | { readonly scroll: "down" };

export const ROOM = "room1" as RoomId;
export const door: ServerDoor = { name: "Kitchen Radio", state: "open", passkeys: "available", public_url: "https://radio.example.org", sandbox: "full" };

export const facts: RoomFacts = {
  title: "What the harbour sounds like at four in the morning",
  kind: "open",
  club: null,
  hands: "everyone",
  door: "unlocked",
  confidentiality: "relayed",
  phase: { is: "live" },
  started: Date.now() - 600_000,
  on_stage: 7,
  in_audience: 14,
  audience: "faces",
  epoch: 1,
  event: null,
  chat: "off",
};

export function room(place: MyPlace, authority: Authority, more: Partial<Room> = {}): Room {
  const mine: Person = person(ME_ID, "Ann", {
    authority,
    place: place.at === "stage" ? place : { at: "audience" },
  });
  const stage = authority === "owner" ? STAGE.map((other) => (other.authority === "owner" ? { ...other, authority: "member" as const } : other)) : STAGE;
  const all = place.at === "stage" ? [mine, ...stage, ...FOLLOWED, ...OTHERS] : [...stage, mine, ...FOLLOWED, ...OTHERS];
  return {
    room: ROOM,
    epoch: 1,
    sequence: 1,
    facts: { ...facts, on_stage: place.at === "stage" ? 8 : 7, ...more.facts },
    you: { id: ME_ID, authority, place, bans_from_club: false, may_raise_hand: true, asked_to_take_over: null, note: { topic: null, language: null } },
    people: new Map(all.map((somebody) => [somebody.id, somebody])),
    queue: [],
    asked: [],
    slots: [id(1), id(2), null],
    board: { line: null, card: null },
    chat: [],
    talked: null,
    media: { is: "live" },
    playback: "ok",
    microphone: { is: "closed" },
    wantedMic: null,
    mutedButSpeaking: false,
    restarted: false,
    said: [],
    reactions: QUIET,
    spoke: [],
    volumes: new Map(),
    ...Object.fromEntries(Object.entries(more).filter(([key]) => key !== "facts")),
  };
}

export const server: ServerFacts = { name: "Kitchen Radio", sandbox: "full", bundle: "x" };

export const inside = (more: Partial<SessionState> = {}): SessionState => ({
  ...EMPTY,
  line: { is: "open" },
  server,
  me,
  hallway: CARDS,
  ...more,
});

export const scene = (at: string, state: () => SessionState, more: Partial<Scene> = {}): Scene => ({ at, state, signedIn: true, door, ...more });
export const hall = (more: Partial<SessionState>, extra: Partial<Scene> = {}): Scene => scene("/", () => inside(more), extra);
export const inRoom = (make: () => Room, more: Partial<SessionState> = {}, extra: Partial<Scene> = {}): Scene =>
  scene(`/r/${ROOM}`, () => inside({ room: make(), ...more }), extra);
export const outside = (at: string, more: Partial<Scene> = {}): Scene => scene(at, () => EMPTY, { signedIn: false, ...more });
export const listening = (more: Partial<Room> = {}): Room => room({ at: "audience" }, "member", more);
export const talking = (mic: "open" | "muted" | "held", authority: Authority = "member", more: Partial<Room> = {}): Room =>
  room({ at: "stage", mic }, authority, { microphone: { is: "ready", label: "Built-in" }, ...(mic === "open" ? { slots: [id(1), ME_ID, null] } : {}), ...more });
export const said = (...notices: readonly Notice[]): Partial<Room> => ({ said: notices.map((notice, key) => ({ key, at: now(), notice })) });
export const board = (): Board => ({
  line: { about: "Who feeds the harbour cats", since: Date.now() - 300_000 },
  card: { text: "The list of the boats that come in today,\nand where they tie up.", link: `${door.public_url}/boats/today` },
});
export const chat = (): ChatMessage[] =>
  (
    [
      [1, "Marta", "marta", "The blue one is late again."],
      [21, "Nadia", "nadia", "It has been at the lock since three. They wait for the water, as always at this time of the year."],
      [48, "ليلى", null, "صباح الخير"],
      [ME_ID, "Ann", "ann", "Good morning!"],
    ] as const
  ).map(([from, name, handle, text], nth) => ({ id: nth as ChatId, from: from as ParticipantId, name, handle, text, at: Date.now() - 300_000 + nth * 60_000 }));
export const writing = (more: Partial<Room> = {}): Partial<Room> => ({ facts: { ...facts, chat: "slow" }, chat: chat(), ...more });
export const queue = (): Hand[] => [
  { id: id(21), name: "Nadia", since: Date.now() - 250_000, state: "raised", note: { topic: "What the boats bring, and who waits for it at that hour", language: "ru" }, first: true },
  { id: id(40), name: "Oskar", since: Date.now() - 130_000, state: "invited", note: { topic: null, language: null }, first: false },
  { id: id(48), name: "Aiko", since: Date.now() - 10_000, state: "raised", note: { topic: null, language: null }, first: false },
];
export const moderating = (more: Partial<Room> = {}): Room => talking("open", "owner", { queue: queue(), ...more });
export const settings = (tab: string, ...steps: readonly Step[]): Scene => scene(`/settings/${tab}`, () => inside(), { steps });
export const press = (...names: readonly string[]): Step[] => names.map((name) => ({ press: name }));
export const write = (into: string, what: string): Step => ({ write: what, into });
export const preview: InvitePreview = { inviter: "Marta", server: "Kitchen Radio" };
