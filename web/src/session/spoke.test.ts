import { describe, expect, it } from "vitest";
import type { ParticipantId } from "../protocol/ParticipantId";
import type { Person } from "../protocol/Person";
import { fixture, VIEW } from "./examples";
import { applyEvents, fromView } from "./room";
import { RECENT_SPEAKERS_PERIOD } from "../protocol/limits";
import { spokeLately, spokenUntil } from "./spoke";

const person = (id: number, name: string): Person => ({ ...(fixture("found").people[0] as Person), id: id as ParticipantId, name, handle: name });
const PEOPLE = new Map([person(1, "ann"), person(2, "ben")].map((one) => [one.id, one]));
const slots = (...ids: (number | null)[]): (ParticipantId | null)[] => ids as (ParticipantId | null)[];
const NOBODY: ReadonlyMap<ParticipantId, Person> = new Map();
const ME = 9 as ParticipantId;

describe("who spoke lately", () => {
  it("is known by name after they left, for as long as the server knows them", () => {
    const spoke = spokenUntil([], slots(1, null, null), PEOPLE, 1_000);
    const after = spokenUntil(spoke, slots(2, null, null), PEOPLE, 2_000);
    const names = (now: number): string[] => spokeLately(after, NOBODY, ME, now).map(({ name }) => name);
    expect(names(2_000)).toEqual(["ben", "ann"]);
    expect(names(999 + RECENT_SPEAKERS_PERIOD)).toEqual(["ben", "ann"]);
    expect(names(1_000 + RECENT_SPEAKERS_PERIOD)).toEqual(["ben"]);
    expect(spokeLately(after, NOBODY, 2 as ParticipantId, 2_000).map(({ name }) => name), "without me").toEqual(["ann"]);
  });

  it("is nobody without a handle once they left, since nothing else is known of them", () => {
    const guest = { ...person(3, "gus"), handle: null };
    const people = new Map([[guest.id, guest]]);
    const spoke = spokenUntil([], slots(3, null, null), people, 1_000);
    expect(spokeLately(spoke, people, ME, 2_000).map(({ name }) => name)).toEqual(["gus"]);
    expect(spokeLately(spoke, NOBODY, ME, 2_000)).toEqual([]);
  });

  it("is written down when somebody begins and when they end, and stays when they go", () => {
    const [ann] = VIEW.people;
    if (ann === undefined) throw new Error("the example has people");
    const quiet = fromView({ ...VIEW, slots: [null, null, null] }, null);
    const talks = applyEvents(quiet, 5, [{ type: "slots", slots: [ann.id, null, null] }], 1_000);
    const ends = applyEvents(talks, 6, [{ type: "slots", slots: [null, null, null] }], 60_000);
    const gone = applyEvents(ends, 7, [{ type: "gone", id: ann.id }], 61_000);
    expect(gone.spoke).toEqual([{ id: ann.id, name: ann.name, handle: ann.handle, at: 60_000 }]);
    expect(fromView(VIEW, gone).spoke, "what is fetched anew keeps it").toEqual(gone.spoke);
    expect(fromView({ ...VIEW, room: "another" as typeof VIEW.room }, gone).spoke, "another room does not").toEqual([]);
  });
});
