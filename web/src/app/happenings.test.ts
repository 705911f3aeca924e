import { expect, test } from "vitest";
import type { Person } from "../protocol/Person";
import { QUIET } from "../session/reactions";
import { EMPTY, type Room, type SessionState } from "../session/state";
import { id, ME_ID, onStage, person } from "../ui/gallery/people";
import { happenings } from "./happenings";

const people = (...some: Person[]): Room["people"] => new Map(some.map((one) => [one.id, one]));
const room = (more: Partial<Room> = {}): Room => ({
  room: "r1" as Room["room"],
  epoch: 1,
  sequence: 1,
  facts: { title: "Tea", club: null, kind: "open", hands: "everyone", door: "unlocked", confidentiality: "relayed", phase: { is: "live" }, started: 0, on_stage: 1, in_audience: 1, audience: "faces", epoch: 1, event: null, chat: "off" },
  you: { id: ME_ID, authority: "member", place: { at: "audience" }, bans_from_club: false, may_raise_hand: true, asked_to_take_over: null, note: { topic: null, language: null } },
  people: people(onStage(1, "Marta", "open", "owner"), person(100, "Ann")),
  queue: [],
  asked: [],
  slots: [null, null, null],
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
  ...more,
});
const state = (inRoom: Room | null, more: Partial<SessionState> = {}): SessionState => ({ ...EMPTY, line: { is: "open" }, room: inRoom, ...more });
const at = (place: Room["you"]["place"]): Room => room({ you: { ...room().you, place } });
const kinds = (before: SessionState, after: SessionState): string[] => happenings(before, after).map(({ is }) => is);

test("entering is said once, and nothing that was so before", () => {
  expect(happenings(state(null), state(at({ at: "stage", mic: "muted" })))).toEqual([{ is: "entered", title: "Tea" }]);
});

test("what happens to my place is told", () => {
  expect(kinds(state(room()), state(at({ at: "hand_raised", since: 0, position: 1 })))).toEqual(["hand_up"]);
  expect(kinds(state(at({ at: "hand_raised", since: 0, position: 2 })), state(at({ at: "hand_raised", since: 0, position: 1 })))).toEqual([]);
  expect(kinds(state(room()), state(at({ at: "invited", by: id(1), until: 0 })))).toEqual(["asked_up"]);
  expect(kinds(state(at({ at: "invited", by: id(1), until: 0 })), state(at({ at: "stage", mic: "muted" })))).toEqual(["on_stage"]);
  expect(happenings(state(at({ at: "stage", mic: "muted" })), state(at({ at: "stage", mic: "open" })))).toEqual([{ is: "microphone", mic: "open" }]);
});

test("a lost line and its return are told once each", () => {
  const lost = state(room(), { line: { is: "lost", since: 0 } });
  expect(kinds(state(room()), lost)).toEqual(["line_lost"]);
  expect(kinds(lost, lost)).toEqual([]);
  expect(happenings(lost, state(room()))).toEqual([{ is: "line_back", server: "same" }]);
  // The room comes back on the new socket, the sound a moment later: the line is back with the sound.
  const silent = state(room({ epoch: 2, restarted: true, media: { is: "lost", since: 0 } }));
  expect(happenings(lost, silent)).toEqual([]);
  expect(happenings(silent, state(room({ epoch: 2, restarted: true })))).toEqual([{ is: "line_back", server: "restarted" }]);
  // Quicker than the missing sound is noticed.
  const back = state(room({ epoch: 2, restarted: true }));
  expect(happenings(state(room()), back)).toEqual([{ is: "line_back", server: "restarted" }]);
  expect(happenings(back, back)).toEqual([]);
});

test("a new hand is told to those who see the queue", () => {
  const queue: Room["queue"] = [{ id: id(7), name: "Bo", since: 0, state: "raised", note: { topic: null, language: null }, first: false }];
  expect(happenings(state(room()), state(room({ queue })))).toEqual([{ is: "hand_of", name: "Bo" }]);
  expect(happenings(state(room({ queue })), state(room({ queue })))).toEqual([]);
});

test("arrivals on stage are read out, but not a crowd of them", () => {
  const some = [2, 3, 4, 5].map((n) => person(n, `Bo ${String(n)}`));
  const up = some.map((one): Person => ({ ...one, place: { at: "stage", mic: "muted" } }));
  const before = room({ people: people(...some) });
  expect(kinds(state(before), state({ ...before, people: people(...up.slice(0, 1), ...some.slice(1)) }))).toEqual(["came_up"]);
  expect(kinds(state(before), state({ ...before, people: people(...up) }))).toEqual([]);
});

test("who comes into the room and who goes out of it is no word and no sound", () => {
  const [olga, ann, bo] = [onStage(1, "Olga", "open", "owner"), person(100, "Ann"), person(7, "Bo")];
  const [few, more] = [room({ people: people(olga, ann) }), room({ people: people(olga, ann, bo) })];
  expect(happenings(state(few), state(more))).toEqual([]);
  expect(happenings(state(more), state(few))).toEqual([]);
  // Nor those who go from the stage, and those who are on it already when they are seen first.
  const talking = room({ people: people(olga, ann, onStage(7, "Bo", "open")) });
  expect(happenings(state(few), state(talking))).toEqual([]);
  expect(happenings(state(talking), state(few))).toEqual([]);
});

test("why I left is told", () => {
  const left = { room: room().room, reason: "removed" as const };
  expect(happenings(state(room()), state(null, { left }))).toEqual([{ is: "left", reason: "removed" }]);
});
