import { expect, test } from "vitest";
import { beat, begin, type Expected, isCutOff, isDead, type Pulse, QUIET_MAX_MS, SILENCE_MAX_MS } from "./pulse";

/** One reading every 100 ms: how many signs there were by then, and what was expected. */
function after(readings: readonly (readonly [signs: number, expected: Expected])[]): { pulse: Pulse; now: number } {
  let [pulse, now] = [begin(0), 0];
  for (const [signs, expected] of readings) {
    now += 100;
    pulse = beat(pulse, now, signs, expected);
  }
  return { pulse, now };
}

const dead = (readings: readonly (readonly [number, Expected])[]): boolean => {
  const { pulse, now } = after(readings);
  return isDead(pulse, now);
};
const same = (signs: number, expected: Expected, ms: number): [number, Expected][] =>
  Array.from({ length: ms / 100 }, () => [signs, expected]);

test("a path that brings nothing of somebody who speaks is dead after two seconds, and not before", () => {
  const alive = same(7, "voice", 100);
  expect(dead([...alive, ...same(7, "voice", SILENCE_MAX_MS - 100)])).toBe(false);
  expect(dead([...alive, ...same(7, "voice", SILENCE_MAX_MS)])).toBe(true);
});

test("one packet is a sign of life", () => {
  expect(dead([...same(7, "voice", 1_900), [8, "voice"], ...same(8, "voice", 1_900)])).toBe(false);
});

test("silence is no death where nobody speaks, and time begins anew when somebody does", () => {
  expect(dead(same(7, "nothing", 60_000))).toBe(false);
  expect(dead([...same(7, "nothing", 60_000), ...same(7, "voice", 1_900)])).toBe(false);
  expect(dead([...same(7, "nothing", 60_000), ...same(7, "voice", 2_100)])).toBe(true);
});

test("whoever speaks alone is told by the reports that stay away", () => {
  const reported = Array.from({ length: 100 }, (_, at): [number, Expected] => [Math.floor(at / 5), "reports"]);
  expect(dead(reported)).toBe(false);
  expect(dead([...reported, ...same(19, "reports", SILENCE_MAX_MS)])).toBe(true);
});

test("somebody who falls silent in between does not make a dead path live", () => {
  expect(dead([...same(7, "voice", 1_100), ...same(7, "reports", 1_100)])).toBe(true);
});

test("a path that is called disconnected is so when nothing comes on it, whoever speaks", () => {
  const cutOff = (readings: readonly (readonly [number, Expected])[]): boolean => {
    const { pulse, now } = after(readings);
    return isCutOff(pulse, now);
  };
  const heard = Array.from({ length: 100 }, (_, at): [number, Expected] => [at, "nothing"]);
  expect(cutOff(heard)).toBe(false);
  expect(cutOff([...heard, ...same(99, "nothing", QUIET_MAX_MS - 100)])).toBe(false);
  expect(cutOff([...heard, ...same(99, "nothing", QUIET_MAX_MS)])).toBe(true);
  expect(cutOff([...heard, ...same(99, "voice", QUIET_MAX_MS), [100, "voice"]])).toBe(false);
});
