import { expect, test } from "vitest";
import { FOLLOWED, id, ME_ID, onStage, OTHERS, person, STAGE } from "../gallery/people";
import type { Room } from "../../session/state";
import { groups, isMarkedNew, label, lastKeeper, line, look, mayHandOver, type Seen, seenBy, speakers } from "./people";

const seen: Seen = { me: ME_ID, heard: new Set([id(1)]), asked: new Set([id(40)]), silenced: new Set([id(6)]), blocked: new Set() };
const all = new Map([...OTHERS, ...STAGE, ...FOLLOWED].map((one) => [one.id, one]));

test("the stage keeps the server's order, the audience is sorted by name", () => {
  const found = groups({ people: all, queue: [{ id: id(40), name: "Oskar", since: 0, state: "invited", note: { topic: null, language: null }, first: false }] });
  expect(found.stage.map(({ name }) => name)).toEqual(STAGE.map(({ name }) => name));
  expect(found.followed.map(({ name }) => name)).toEqual(["Bruno", "Lea", "Nadia", "Катя"]);
  expect(found.asked.map(({ name }) => name)).toEqual(["Oskar"]);
  expect(found.others).toHaveLength(OTHERS.length - 1);
});

test("a person's name says all that the picture shows", () => {
  expect(label(onStage(1, "Bo", "open", "moderator"), seen)).toBe("Bo, moderator, speaking");
  expect(label(onStage(2, "Bo", "muted", "moderator"), seen)).toBe("Bo, moderator, muted");
  expect(label(onStage(3, "Sam", "held", "guest", { guest_of: "Marta" }), seen)).toBe("Sam, guest of Marta, held");
  expect(label(onStage(4, "Teun", "muted", "member", { presence: "reconnecting" }), seen)).toBe("Teun, muted, reconnecting");
  expect(label(person(40, "Oskar"), seen)).toBe("Oskar, invited up");
  expect(label(onStage(100, "Ann", "muted"), seen)).toBe("Ann, you, muted");
  // Said after the name and what they do, as a description.
  expect(label(person(41, "Yasmin", { newcomer: true }), seen)).toBe("Yasmin");
  expect([person(41, "Yasmin", { newcomer: true }), onStage(5, "Bo", "muted", "moderator", { newcomer: true })].map(isMarkedNew)).toEqual([true, false]);
});

test("somebody muted never looks as if they spoke", () => {
  expect(look(onStage(1, "Bo", "muted"), seen)).toBe("muted");
  expect(look(onStage(1, "Bo", "open", "member", { presence: "reconnecting" }), seen)).toBe("away");
  expect(line(onStage(1, "Bo", "held"), seen)).toBe("Held");
});

test("whom I block is shown to me, and that I do", () => {
  const oskar = onStage(7, "Oskar", "open");
  const room = { people: new Map([[oskar.id, oskar]]), queue: [], slots: [], you: { id: ME_ID } as Room["you"], volumes: new Map() };
  const mine = seenBy(room, new Map(), new Set([oskar.handle ?? ""]));
  expect(line(oskar, mine)).toBe("Blocked by you");
  expect(label(oskar, mine)).toBe("Oskar, blocked by you");
  expect(line(oskar, seenBy(room, new Map()))).not.toBe("Blocked by you");
});

test("somebody turned off is seen to be so, though everybody else hears them", () => {
  const oskar = onStage(6, "Oskar", "open");
  expect(line(oskar, { ...seen, heard: new Set([id(6)]) })).toBe("Off for you");
  expect(label(oskar, { ...seen, heard: new Set([id(6)]) })).toBe("Oskar, speaking, off for you");
  const room = { people: new Map([[oskar.id, oskar]]), queue: [], slots: [], you: { id: ME_ID } as Room["you"], volumes: new Map() };
  expect([...seenBy(room, new Map([[oskar.handle ?? "", 0]])).silenced]).toEqual([oskar.id]);
  expect([...seenBy(room, new Map([[oskar.handle ?? "", 0.1]])).silenced]).toEqual([]);
});

test("only people who are still here are named as speaking", () => {
  expect(speakers({ people: all, slots: [id(1), id(999), null] }).map(({ name }) => name)).toEqual(["Marta"]);
});

test("whoever leaves is asked who follows only when nobody else keeps order", () => {
  const you = { id: ME_ID, authority: "owner" as const, place: { at: "audience" as const }, bans_from_club: false, may_raise_hand: true, asked_to_take_over: null, note: { topic: null, language: null } };
  const facts = { title: null, club: null, kind: "open" as const, hands: "off" as const, door: "locked" as const, confidentiality: "relayed" as const, phase: { is: "live" as const }, started: 0, on_stage: 1, in_audience: 1, audience: "faces" as const, epoch: 1, event: null, chat: "off" as const };
  const me = person(100, "Ann", { authority: "owner" });
  const alone = new Map([[me.id, me], [id(5), person(5, "Bo")]]);
  expect(lastKeeper({ you, facts, people: alone })).toBe(true);
  expect(lastKeeper({ you, facts: { ...facts, in_audience: 0 }, people: new Map([[me.id, me]]) })).toBe(false);
  expect(lastKeeper({ you, facts, people: new Map(alone).set(id(6), person(6, "Jo", { authority: "moderator" })) })).toBe(false);
  expect(lastKeeper({ you: { ...you, authority: "member" }, facts, people: alone })).toBe(false);

  // A moderator too, once the owner is gone for good: the server refuses it while the owner may still be back.
  const mo = { ...you, authority: "moderator" as const };
  const owner = person(7, "Olga", { authority: "owner" });
  expect(lastKeeper({ you: mo, facts, people: alone })).toBe(true);
  for (const presence of ["here", "reconnecting"] as const) {
    const people = new Map(alone).set(owner.id, { ...owner, presence });
    expect(mayHandOver({ you: mo, people })).toBe(false);
    expect(lastKeeper({ you: mo, facts, people })).toBe(false);
  }
});
