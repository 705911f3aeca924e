import { expect, test } from "vitest";
import type { RoomId } from "../protocol/RoomId";
import { Hidden } from "./hidden.svelte";

const [kitchen, garden] = ["kitchen", "garden"] as RoomId[] as [RoomId, RoomId];

/** A tab's storage, as far as it is used. */
function tab(): Storage {
  const kept = new Map<string, string>();
  return {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
    get length() { return kept.size; },
  } as Storage;
}

test("who hides a room finds it hidden after a reload of the tab, and may think better of it", () => {
  const storage = tab();
  const before = new Hidden(storage);
  before.hide(kitchen);
  expect(before.last).toBe(kitchen);
  const after = new Hidden(storage);
  expect([...after.rooms]).toEqual([kitchen]);
  expect(after.last).toBeNull();
  after.show(kitchen);
  expect([...new Hidden(storage).rooms]).toEqual([]);
});

test("of a room that is over nothing is known any more", () => {
  const storage = tab();
  const hidden = new Hidden(storage);
  hidden.hide(kitchen);
  hidden.hide(garden);
  hidden.forget([kitchen]);
  expect([...hidden.rooms]).toEqual([kitchen]);
  expect(hidden.last).toBeNull();
  hidden.forget([]);
  expect(storage.length).toBe(0);
});

test("a tab whose storage holds something else hides nothing, and one without any hides until it is reloaded", () => {
  const storage = tab();
  for (const broken of ["{", "7", '[7, "kitchen"]']) {
    storage.setItem("vivavoce.hidden", broken);
    expect([...new Hidden(storage).rooms].every((room) => room === kitchen)).toBe(true);
  }
  const hidden = new Hidden(null);
  hidden.hide(kitchen);
  expect([...hidden.rooms]).toEqual([kitchen]);
  hidden.showAll();
  expect(hidden.rooms.size).toBe(0);
});
