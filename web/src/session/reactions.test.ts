import { expect, test } from "vitest";
import type { ReactionCount } from "../protocol/ReactionCount";
import { NONE, notTaken, QUIET, reacted, since, told } from "./reactions";

test("mine is shown at once, and not twice when it comes back among everybody's", () => {
  const mine = reacted(reacted(QUIET, "heart"), "heart");
  expect(mine.shown.heart).toBe(2);
  const first = told(mine, [{ reaction: "heart", count: 1 }]);
  expect(first.shown.heart).toBe(2);
  const second = told(first, [{ reaction: "heart", count: 5 }, { reaction: "laugh", count: 1 }]);
  expect(second.shown).toEqual({ ...NONE, heart: 6, laugh: 1 });
  expect(second.ahead).toEqual(NONE);
});

test("one of mine that was not taken hides nobody else's", () => {
  const refused = notTaken(reacted(QUIET, "wow"), "wow");
  expect(told(refused, [{ reaction: "wow", count: 1 }]).shown.wow).toBe(2);
});

test("what a newer server counts is left out", () => {
  const newer = [{ reaction: "confetti", count: 3 }, { reaction: "agree", count: 1 }] as unknown as ReactionCount[];
  expect(told(QUIET, newer).shown).toEqual({ ...NONE, agree: 1 });
});

test("between two looks only what is new counts, and a room that was left and entered anew begins at nothing", () => {
  const before = { ...NONE, heart: 2 };
  expect(since(before, { ...NONE, heart: 5 })).toEqual({ ...NONE, heart: 3 });
  expect(since(before, before)).toBeNull();
  expect(since(before, NONE)).toBeNull();
});
