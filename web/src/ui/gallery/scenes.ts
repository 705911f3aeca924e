// Every screen and state, by name.

import type { ErrorCode } from "../../protocol/ErrorCode";
import type { InvitePreview } from "../../protocol/InvitePreview";
import type { Authority } from "../../protocol/Authority";
import type { Hand } from "../../protocol/Hand";
import type { LeftReason } from "../../protocol/LeftReason";
import type { MyPlace } from "../../protocol/MyPlace";
import type { Notice } from "../../protocol/Notice";
import type { Person } from "../../protocol/Person";
import type { RoomFacts } from "../../protocol/RoomFacts";
import type { RoomId } from "../../protocol/RoomId";
import type { ServerDoor } from "../../protocol/ServerDoor";
import { EMPTY, type Room, type SessionState } from "../../session/state";
import { CARDS, FOLLOWED, id, ME_ID, me, OTHERS, person, STAGE } from "./people";

export interface Scene {
  readonly at: string;
  readonly state: () => SessionState;
  readonly signedIn: boolean;
  readonly door: ServerDoor;
  readonly preview?: InvitePreview | ErrorCode;
  readonly linkError?: ErrorCode;
  /** Pressed after the screen stands, by accessible name. */
  readonly press?: readonly string[];
}

const ROOM = "room1" as RoomId;
const now = (): number => performance.now();
const door: ServerDoor = { name: "Kitchen Radio", state: "open", passkeys: "available", public_url: "https://radio.example.org" };

const facts: RoomFacts = {
  title: "What the harbour sounds like at four in the morning",
  kind: "open",
  hands: "everyone",
  door: "unlocked",
  confidentiality: "relayed",
  phase: { is: "live" },
  started: Date.now() - 600_000,
  on_stage: 7,
  in_audience: 14,
  audience: "faces",
  epoch: 1,
};

function room(place: MyPlace, authority: Authority, more: Partial<Room> = {}): Room {
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
    you: { id: ME_ID, authority, place, may_raise_hand: true, asked_to_take_over: null },
    people: new Map(all.map((somebody) => [somebody.id, somebody])),
    queue: [],
    asked: [],
    slots: [id(1), id(2), null],
    media: { is: "live" },
    playback: "ok",
    microphone: { is: "closed" },
    wantedMic: null,
    mutedButSpeaking: false,
    restarted: false,
    said: [],
    volumes: new Map(),
    ...Object.fromEntries(Object.entries(more).filter(([key]) => key !== "facts")),
  };
}

const inside = (more: Partial<SessionState> = {}): SessionState => ({
  ...EMPTY,
  line: { is: "open" },
  server: { name: "Kitchen Radio", sandbox: "full", bundle: "x" },
  me,
  hallway: CARDS,
  ...more,
});

const scene = (at: string, state: () => SessionState, more: Partial<Scene> = {}): Scene => ({ at, state, signedIn: true, door, ...more });
const hall = (more: Partial<SessionState>, extra: Partial<Scene> = {}): Scene => scene("/", () => inside(more), extra);
const inRoom = (make: () => Room, more: Partial<SessionState> = {}, extra: Partial<Scene> = {}): Scene =>
  scene(`/r/${ROOM}`, () => inside({ room: make(), ...more }), extra);
const outside = (at: string, more: Partial<Scene> = {}): Scene => scene(at, () => EMPTY, { signedIn: false, ...more });
const left = (reason: LeftReason): Scene => scene(`/r/${ROOM}`, () => inside({ left: { room: ROOM, reason } }));
const listening = (more: Partial<Room> = {}): Room => room({ at: "audience" }, "member", more);
const talking = (mic: "open" | "muted" | "held", authority: Authority = "member", more: Partial<Room> = {}): Room =>
  room({ at: "stage", mic }, authority, { microphone: { is: "ready", label: "Built-in" }, ...(mic === "open" ? { slots: [id(1), ME_ID, null] } : {}), ...more });
const said = (notice: Notice): Partial<Room> => ({ said: [{ key: 1, at: now(), notice }] });
const queue = (): Hand[] => [
  { id: id(21), name: "Nadia", since: Date.now() - 250_000, state: "raised" },
  { id: id(40), name: "Oskar", since: Date.now() - 130_000, state: "invited" },
  { id: id(48), name: "Aiko", since: Date.now() - 10_000, state: "raised" },
];
const moderating = (more: Partial<Room> = {}): Room => talking("open", "owner", { queue: queue(), ...more });
const settings = (tab: string, press: readonly string[] = []): Scene => scene(`/settings/${tab}`, () => inside(), { press });
const preview: InvitePreview = { inviter: "Marta", server: "Kitchen Radio" };

export const SCENES: Record<string, Scene> = {
  "claim": outside("/o#t", { door: { ...door, name: null, state: "waiting_for_owner" } }),
  "claim-you": outside("/o#t", { press: ["=Name your server:Kitchen Radio", "Next"] }),
  "claim-key": outside("/o#t", { press: ["=Name your server:Kitchen Radio", "Next", "=What shall people call you?:Marta", "Open the house"] }),
  "claim-invite": outside("/o#t", { press: ["=Name your server:Kitchen Radio", "Next", "=What shall people call you?:Marta", "Open the house", "Later", "Make three links"] }),
  "waiting": outside("/", { door: { ...door, name: null, state: "waiting_for_owner" } }),
  "invitation": outside("/i#t", { preview }),
  "invitation-key": outside("/i#t", { preview, press: ["=What shall people call you?:Ann", "Come in"] }),
  "invitation-codes": outside("/i#t", { preview, press: ["=What shall people call you?:Ann", "Come in", "Recovery codes instead"] }),
  "invitation-spent": outside("/i#t", { preview: "link_spent" }),
  "sign-in": outside("/"),
  "sign-in-recovery": outside("/", { press: ["Use a recovery code"] }),
  "sign-in-device": outside("/", { press: ["Use another device"] }),
  "sign-in-link": outside("/l#t"),
  "sign-in-link-spent": outside("/l#t", { linkError: "link_spent", press: ["Sign in here"] }),
  "hallway": hall({}),
  "hallway-empty": hall({ hallway: [] }),
  "hallway-stranded": hall({ me: { ...me, passkeys: 0, recovery_codes: 0 }, server: { name: "Kitchen Radio", sandbox: "off", bundle: "x" } }),
  "hallway-connecting": hall({ line: { is: "connecting", since: now() - 3_000 }, hallway: [] }),
  "hallway-lost": hall({ line: { is: "lost", since: now() - 6_000 } }),
  "hallway-draining": hall({ drainingAt: now() + 12_000 }),
  "hallway-docked": scene("/", () => inside({ room: talking("open") })),
  "hallway-ended": hall({ left: { room: ROOM, reason: "ended" } }),
  "old-client": hall({ line: { is: "refused", why: "old_client" } }),
  "start": hall({}, { press: ["Start a room"] }),
  "start-closed": hall({}, { press: ["Start a room", "Only people I pick", "=Name or handle:m"] }),
  "door": scene(`/r/${ROOM}`, () => inside()),
  "door-entering": scene(`/r/${ROOM}`, () => inside({ entering: ROOM })),
  "room": inRoom(listening),
  "room-quiet": inRoom(() => listening({ slots: [null, null, null] })),
  "room-raised": inRoom(() => room({ at: "hand_raised", since: Date.now(), position: 4 }, "member")),
  "room-hands-off": inRoom(() => ({ ...listening({ facts: { ...facts, hands: "off", kind: "closed", door: "locked" } }), you: { id: ME_ID, authority: "member", place: { at: "audience" }, may_raise_hand: false, asked_to_take_over: null } })),
  "room-asked": inRoom(() => room({ at: "invited", by: id(1), until: Date.now() + 48_000 }, "member")),
  "room-asked-denied": inRoom(() => room({ at: "invited", by: id(1), until: Date.now() + 48_000 }, "member", { microphone: { is: "denied" } })),
  "room-muted": inRoom(() => talking("muted")),
  "room-open": inRoom(() => talking("open")),
  "room-held": inRoom(() => talking("held", "member", said({ notice: "held", by: id(3) }))),
  "room-muted-by": inRoom(() => talking("muted", "member", said({ notice: "muted", by: id(3) }))),
  "room-speaking-muted": inRoom(() => talking("muted", "member", { mutedButSpeaking: true })),
  "room-mic-asking": inRoom(() => talking("muted", "member", { microphone: { is: "asking" }, wantedMic: "open" })),
  "room-mic-denied": inRoom(() => talking("muted", "member", { microphone: { is: "denied" } })),
  "room-mic-missing": inRoom(() => talking("muted", "member", { microphone: { is: "missing" } })),
  "room-weak": inRoom(() => listening({ media: { is: "weak" } })),
  "room-lost": inRoom(() => room({ at: "hand_raised", since: Date.now(), position: 4 }, "member", { media: { is: "lost", since: now() - 6_000 } }), { line: { is: "lost", since: now() - 6_000 } }),
  "room-tap": inRoom(() => listening({ playback: "needs_tap" })),
  "room-draining": inRoom(listening, { drainingAt: now() + 12_000 }),
  "room-ending": inRoom(() => moderating({ facts: { ...facts, phase: { is: "ending", at: Date.now() + 9_000 } } })),
  "room-moderatorless": inRoom(() => listening({ facts: { ...facts, phase: { is: "moderatorless", until: Date.now() + 540_000 } } })),
  "room-take-over": inRoom(() => ({ ...talking("muted"), you: { id: ME_ID, authority: "member", place: { at: "stage", mic: "muted" }, may_raise_hand: false, asked_to_take_over: Date.now() + 30_000 } })),
  "room-unsandboxed": inRoom(listening, { server: { name: "Kitchen Radio", sandbox: "off", bundle: "x" } }),
  "room-counted": inRoom(() => listening({ facts: { ...facts, audience: "counted", in_audience: 1284 }, people: new Map([...STAGE, ...FOLLOWED].map((one) => [one.id, one])) })),
  "room-empty-stage": inRoom(() => listening({ facts: { ...facts, on_stage: 0 }, slots: [null, null, null], people: new Map(OTHERS.map((one) => [one.id, one])) })),
  "moderator": inRoom(moderating),
  "moderator-person": inRoom(moderating, {}, { press: ["Ильдар"] }),
  "moderator-listener": inRoom(moderating, {}, { press: ["Oskar, invited up"] }),
  "moderator-menu": inRoom(moderating, {}, { press: ["This room, 2 hands raised"] }),
  "moderator-invite": inRoom(moderating, {}, { press: ["Invite somebody"] }),
  "moderator-removed": inRoom(() => moderating(said({ notice: "removed", who: id(40), name: "Oskar", by: ME_ID, until: Date.now() + 8_500 }))),
  "moderator-leaving": inRoom(() => { const mine = moderating(); return { ...mine, people: new Map([...mine.people].map(([key, one]) => [key, one.id === ME_ID || one.authority === "guest" ? one : { ...one, authority: "member" as const }])) }; }, {}, { press: ["Leave quietly"] }),
  "person": inRoom(listening, {}, { press: ["Marta, owner, speaking"] }),
  "help": inRoom(listening, {}, { press: ["#?"] }),
  "left-removed": left("removed"),
  "left-ended": left("ended"),
  "left-away": left("away"),
  "left-other": left("other_device"),
  "left-lost": left("lost"),
  "not-there": scene("/r/none", () => inside({ hallway: [] })),
  "people": scene("/people", () => inside(), { press: ["=Name or handle:m"] }),
  "profile": scene("/people/jo", () => inside()),
  "settings-you": settings("you"),
  "settings-sound": settings("sound"),
  "settings-look": settings("look"),
  "settings-keys": settings("keys"),
  "settings-devices": settings("devices", ["Make a link"]),
  "settings-signing-in": settings("signing-in"),
  "settings-invitations": settings("invitations", ["Make a link"]),
  "settings-docked": scene("/settings/sound", () => inside({ room: talking("muted") })),
  "nowhere": scene("/nothing/here", () => inside()),
};
