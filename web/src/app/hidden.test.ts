import { expect, test } from "vitest";
import type { RoomCard } from "../protocol/RoomCard";
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
  const before = new Hidden(storage, null);
  before.hide(kitchen);
  expect(before.last).toBe(kitchen);
  const after = new Hidden(storage, null);
  expect([...after.rooms]).toEqual([kitchen]);
  expect(after.last).toBeNull();
  after.show(kitchen);
  expect([...new Hidden(storage, null).rooms]).toEqual([]);
});

test("of a room that is over nothing is known any more", () => {
  const storage = tab();
  const hidden = new Hidden(storage, null);
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
    expect([...new Hidden(storage, null).rooms].every((room) => room === kitchen)).toBe(true);
  }
  const hidden = new Hidden(null, null);
  hidden.hide(kitchen);
  expect([...hidden.rooms]).toEqual([kitchen]);
  hidden.showAll();
  expect(hidden.rooms.size).toBe(0);
});

test("words hide every room whose title holds them, however it is written, on this device, until they are wanted again", () => {
  const device = tab();
  const called = (title: string | null): RoomCard => ({ room: kitchen, title }) as RoomCard;
  const hidden = new Hidden(null, device);
  hidden.hideTopic("  ", []);
  expect(hidden.topics).toEqual([]);
  hidden.hide(kitchen);
  hidden.hide(garden);
  hidden.hideTopic(" Cup  Final", [called("The cup final")]);
  expect([...hidden.rooms]).toEqual([garden]);
  hidden.hideTopic("cup final", []);
  expect(hidden.topics).toEqual(["cup final"]);
  expect(["The CUP\u00a0FINAL tonight", "Cup finals", "Finally a cup", null].map((title) => hidden.hides(called(title)))).toEqual([true, true, false, false]);
  const after = new Hidden(null, device);
  expect(after.topics).toEqual(["cup final"]);
  after.showTopic("cup final");
  expect(after.hides(called("Cup final"))).toBe(false);
  expect(device.length).toBe(0);
  after.hideTopic("Tea", []);
  after.clear();
  expect(new Hidden(null, device).topics).toEqual([]);
});
