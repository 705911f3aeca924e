import { expect, test } from "vitest";
import { type Press, type Shortcut, shortcutOf } from "./shortcuts";

const press = (key: string, more: Partial<Press> = {}): Press => ({
  key,
  code: "",
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  repeat: false,
  ...more,
});
const none: ReadonlySet<Shortcut> = new Set();

test("each key does its one thing", () => {
  expect(shortcutOf(press("m"), "page", none)).toBe("microphone");
  expect(shortcutOf(press("H"), "page", none)).toBe("hand");
  expect(shortcutOf(press("l"), "page", none)).toBe("leave");
  expect(shortcutOf(press("q"), "page", none)).toBe("queue");
  expect(shortcutOf(press("r"), "page", none)).toBe("react");
  expect(shortcutOf(press("?"), "page", none)).toBe("help");
  expect(shortcutOf(press("x"), "page", none)).toBeNull();
});

test("a key of another script does what is in its place, a key of Latin script what is written on it", () => {
  for (const key of ["ь", "Μ", "ة"]) expect(shortcutOf(press(key, { code: "KeyM" }), "page", none), key).toBe("microphone");
  expect(shortcutOf(press("р", { code: "KeyH" }), "page", none)).toBe("hand");
  expect(shortcutOf(press("\u061f", { code: "Slash" }), "page", none)).toBe("help");
  // On a French keyboard the M is where others have a semicolon, and a comma where others have the M.
  expect(shortcutOf(press("m", { code: "Semicolon" }), "page", none)).toBe("microphone");
  expect(shortcutOf(press(",", { code: "KeyM" }), "page", none)).toBeNull();
  expect(shortcutOf(press("Dead", { code: "KeyM" }), "page", none)).toBeNull();
});

test("no key acts while somebody writes", () => {
  expect(shortcutOf(press("m"), "writing", none)).toBeNull();
});

test("a key switched off does nothing", () => {
  expect(shortcutOf(press("l"), "page", new Set<Shortcut>(["leave"]))).toBeNull();
  expect(shortcutOf(press("m"), "page", new Set<Shortcut>(["leave"]))).toBe("microphone");
});

test("the browser's own combinations stay the browser's", () => {
  expect(shortcutOf(press("l", { ctrlKey: true }), "page", none)).toBeNull();
  expect(shortcutOf(press("h", { metaKey: true }), "page", none)).toBeNull();
});

test("a key held down does not flicker the microphone", () => {
  expect(shortcutOf(press("m", { repeat: true }), "page", none)).toBeNull();
});

test("under a sheet only the microphone answers", () => {
  expect(shortcutOf(press("m"), "sheet", none)).toBe("microphone");
  expect(shortcutOf(press("l"), "sheet", none)).toBeNull();
});
