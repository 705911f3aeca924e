import { expect, test } from "vitest";
import { deflection, hears } from "./meter";

test("a voice at arm's length fills half of a meter, and silence nothing of it", () => {
  expect(deflection(0)).toBe(0);
  expect(deflection(0.0005)).toBe(0);
  expect(deflection(0.05)).toBeCloseTo(0.57, 1);
  expect(deflection(1)).toBe(1);
  expect(deflection(2)).toBe(1);
});

test("a quiet room is not taken for a voice", () => {
  expect(hears(0.003)).toBe(false);
  expect(hears(0.03)).toBe(true);
});
