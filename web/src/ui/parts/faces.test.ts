import { expect, test } from "vitest";
import { hue, initials, isLong } from "./faces";

test("initials come from the first and the last word", () => {
  expect(initials("Marta")).toBe("M");
  expect(initials("Maximiliane von Hohenfels")).toBe("MH");
  expect(initials("ليلى")).toBe("ل");
  expect(initials("🎻 Lea")).toBe("L");
  expect(initials("🎻")).toBe("🎻");
});

test("no hue lies where voice lives", () => {
  for (const key of ["ann", "ben", "mo", "ليلى", "田中", "x".repeat(40)]) {
    const found = hue(key);
    expect(found <= 20 || found >= 80, String(found)).toBe(true);
    expect(hue(key)).toBe(found);
  }
});

test("only names that would not fit step down", () => {
  expect(isLong("Maximilian")).toBe(false);
  expect(isLong("Maximiliane von Hohenfels")).toBe(true);
});
