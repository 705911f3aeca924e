import { expect, test } from "vitest";
import type { ClientMessage } from "../protocol/ClientMessage";
import type { RoomId } from "../protocol/RoomId";
import { FIXTURES } from "./examples";
import type { Questions } from "./questions";
import type { Outcome } from "./state";
import { ALONE, isTalkedOf, RealTalks, type TalkState } from "./talks";

function page(here: RoomId | null = null) {
  let state: TalkState = ALONE;
  const said: ClientMessage[] = [];
  const questions = { tell: (message: ClientMessage) => void said.push(message) } as Questions;
  const enter = (message: (offer: string) => ClientMessage): Promise<Outcome> => {
    said.push(message("offer"));
    return Promise.resolve({ ok: true });
  };
  const talks = new RealTalks(questions, enter, () => state, (change) => (state = { ...state, ...change }), () => here);
  return { talks, said, state: () => state };
}

test("all that the server says of it stands, until it says otherwise", () => {
  const { talks, state } = page();
  const [full, none] = FIXTURES.filter((message) => message.type === "company");
  if (full === undefined || none === undefined) throw new Error("no example");
  talks.received(full);
  expect(state().company).toEqual(full.company);
  expect(isTalkedOf(state())).toBe(true);
  talks.received(none);
  expect(state()).toEqual(ALONE);
  expect(isTalkedOf(state())).toBe(false);
});

test("of one person the last word on a question is kept, until it is read", () => {
  const { talks, state } = page();
  for (const message of FIXTURES) if (message.type === "talk_over") talks.received(message);
  expect(state().talksOver.map(({ who, why }) => [who.handle, why])).toEqual([["ben", "taken_back"]]);
  for (const { key } of state().talksOver) talks.forget(key);
  expect(isTalkedOf(state())).toBe(false);
});

test("who asks me in is kept until it is read, the room is gone, or more do", () => {
  const { talks, state } = page();
  const [ping] = FIXTURES.filter((message) => message.type === "pinged");
  if (ping === undefined) throw new Error("no example");
  talks.received(ping);
  talks.received(ping);
  expect(state().pinged.map(({ by, card }) => [by.handle, card.title])).toEqual([["ben", "Morning tea"]]);
  expect(isTalkedOf(state())).toBe(true);
  for (const handle of ["ann", "cleo", "dan"]) talks.received({ ...ping, by: { ...ping.by, handle } });
  expect(state().pinged.map(({ by }) => by.handle)).toEqual(["ann", "cleo", "dan"]);
  talks.putPingAway(state().pinged[0]?.key ?? -1);
  expect(state().pinged.map(({ by }) => by.handle)).toEqual(["cleo", "dan"]);
  talks.received({ type: "hallway", changes: [{ type: "gone", room: ping.card.room }] });
  expect(isTalkedOf(state())).toBe(false);
  const inside = page(ping.card.room);
  inside.talks.received(ping);
  expect(isTalkedOf(inside.state())).toBe(false);
});

test("a yes is an offer of sound, and whoever is called is told where to", async () => {
  const { talks, said, state } = page();
  await talks.accept("ann");
  talks.takeBack();
  talks.decline("jo");
  expect(said).toEqual([{ type: "accept_talk", request: 0, who: "ann", offer: "offer" }, { type: "take_ask_back" }, { type: "decline_talk", who: "jo" }]);
  for (const message of FIXTURES) talks.received(message);
  expect(state().called).toEqual({ who: { handle: "ben", name: "Ben", picture: null }, room: "AAAAAAAAAAAAAAAAAAAAAQ" });
});
