import { expect, test } from "vitest";
import type { ParticipantId } from "../protocol/ParticipantId";
import { read, VOLUMES_MAX, volumeOf, type Volumes, withVolume, written } from "./volumes";

const SEVEN = 7 as ParticipantId;
const EIGHT = 8 as ParticipantId;
const none: Volumes = new Map();
const room = { volumes: new Map() };

test("somebody turned down stays so, and full volume needs no entry", () => {
  const down = withVolume(none, "oskar", 0.25);
  expect(volumeOf({ id: SEVEN, handle: "oskar" }, room, down)).toBe(0.25);
  expect(volumeOf({ id: EIGHT, handle: "ann" }, room, down)).toBe(1);
  expect([...withVolume(down, "oskar", 1)]).toEqual([]);
});

test("a guest has no handle, and is as loud as this room knows them", () => {
  const here = { volumes: new Map([[SEVEN, 0.5]]) };
  expect(volumeOf({ id: SEVEN, handle: null }, here, none)).toBe(0.5);
  expect(volumeOf({ id: SEVEN, handle: "ann" }, here, none)).toBe(1);
});

test("what is written is read again, and anything else is nothing", () => {
  const down = withVolume(withVolume(none, "oskar", 0.25), "анна", 0);
  expect(read(written(down))).toEqual(down);
  for (const text of [null, "", "{}", "[1]", '[["ann"]]', '[["ann","loud"]]', "null"]) expect(read(text).size).toBe(0);
});

test("the one changed longest ago makes room", () => {
  let many = none;
  for (let n = 0; n <= VOLUMES_MAX; n += 1) many = withVolume(many, `person-${String(n)}`, 0.5);
  expect(many.size).toBe(VOLUMES_MAX);
  expect(many.has("person-0")).toBe(false);
  expect(many.has(`person-${String(VOLUMES_MAX)}`)).toBe(true);
});
