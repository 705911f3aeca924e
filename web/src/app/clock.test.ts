import { expect, test } from "vitest";
import { Countdown } from "./clock";

test("a moment ahead is counted down", () => {
  const undo = new Countdown(10_000, 10_000, 2_000);
  expect(undo.seconds(2_000)).toBe(8);
  expect(undo.seconds(9_001)).toBe(1);
  expect(undo.seconds(12_000)).toBe(0);
});

test("a clock that runs ahead or behind does not break the count", () => {
  expect(new Countdown(500_000, 10_000, 0).seconds(0)).toBe(10);
  expect(new Countdown(0, 10_000, 500_000).seconds(501_000)).toBe(9);
});
