import { expect, test, vi } from "vitest";
import type { ClubAct } from "../../protocol/ClubAct";
import { UNDO_PERIOD } from "../../protocol/limits";
import { Held } from "./held.svelte";

const LET_IN: ClubAct = "let_in";

test("what is undone in time was never said, and what is not is said once", () => {
  vi.useFakeTimers();
  const said: [string, ClubAct][] = [];
  const held = new Held((whom, act) => said.push([whom, act]));
  held.hold("ann", LET_IN);
  held.hold("ben", "decline");
  vi.advanceTimersByTime(UNDO_PERIOD - 1);
  held.undo("ann");
  vi.advanceTimersByTime(UNDO_PERIOD);
  expect(said).toEqual([["ben", "decline"]]);
  held.hold("cat", LET_IN);
  held.settle();
  vi.advanceTimersByTime(UNDO_PERIOD);
  expect(said).toHaveLength(2);
  expect(held.acts.size).toBe(0);
  vi.useRealTimers();
});
