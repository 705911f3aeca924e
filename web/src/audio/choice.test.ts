import { expect, test } from "vitest";
import { Choice } from "./choice";

test("headphones that are plugged in change nothing for whoever left the choice to the system", () => {
  const choice = new Choice(null);
  expect(choice.plugged(["default", "built-in"])).toBe("none");
  expect(choice.plugged(["default", "built-in", "headset"])).toBe("none");
  expect(choice.used).toBeNull();
});

test("headphones that are plugged in change nothing for whoever chose another device", () => {
  const choice = new Choice("desk");
  expect(choice.plugged(["desk", "built-in"])).toBe("none");
  expect(choice.plugged(["desk", "built-in", "headset"])).toBe("none");
  expect(choice.used).toBe("desk");
});

test("a device chosen anew is used, and choosing the same again changes nothing", () => {
  const choice = new Choice(null);
  expect(choice.choose("headset")).toBe("another");
  expect(choice.choose("headset")).toBe("none");
  expect(choice.choose(null)).toBe("another");
});

test("a chosen device that is unplugged gives way to the system's, and comes back when it is plugged in again", () => {
  const choice = new Choice("headset");
  expect(choice.plugged(["built-in"])).toBe("gone");
  expect(choice.used).toBeNull();
  expect(choice.plugged(["built-in", "desk"])).toBe("none");
  expect(choice.plugged(["built-in", "desk", "headset"])).toBe("another");
  expect(choice.used).toBe("headset");
});

test("a list without ids, as browsers give it before the first permission, loses no choice", () => {
  const choice = new Choice("headset");
  expect(choice.plugged([""])).toBe("none");
  expect(choice.plugged([])).toBe("none");
  expect(choice.used).toBe("headset");
});
