import { expect, test } from "vitest";
import { en as first } from "./en";
import { clubs } from "./en.clubs";
import { doors } from "./en.doors";
import { events } from "./en.events";
import { inroom } from "./en.inroom";
import { people } from "./en.people";
import { settings } from "./en.settings";
import { sheets } from "./en.sheets";
import { bare, name, pieces } from "./index";
import { pseudo } from "./pseudo";

/** The whole of it, whenever which part is loaded. */
const en = { ...first, ...doors, events, inroom, pages: people, clubs, settings, sheets };

const COUNTS = [0, 1, 2, 3, 5, 11, 21, 100, 1284];

/** Every text of a catalogue, functions called with every count, with names where they want names. */
function* every(value: unknown, path: string): Generator<readonly [string, string]> {
  if (typeof value === "string") yield [path, value];
  else if (typeof value === "function") {
    for (const n of COUNTS) {
      const tries: unknown[][] = [Array(value.length).fill(n), Array(value.length).fill(["Ann", "Bo"]), Array(value.length).fill("Ann")];
      for (const args of tries) {
        try {
          yield [`${path}(${String(args[0])})`, String(value(...args))];
        } catch {
          // Not the kind of argument that this text takes.
        }
      }
    }
  } else if (typeof value === "object" && value !== null) {
    for (const [key, part] of Object.entries(value)) yield* every(part, `${path}.${key}`);
  }
}

const EMPTY_ON_PURPOSE = new Set(["en.cardDoors.open", "en.person.silent"]);

test("every text says something, whatever the number", () => {
  const seen = [...every(en, "en")];
  expect(seen.length).toBeGreaterThan(400);
  for (const [path, text] of seen) {
    if (!EMPTY_ON_PURPOSE.has(path)) expect(text.trim(), path).not.toBe("");
    expect(text, path).not.toMatch(/undefined|\[object|#/);
  }
});

test("buttons and titles carry no full stop, errors are sentences", () => {
  for (const [code, sentence] of Object.entries(en.errors)) expect(sentence, code).toMatch(/^[A-Z].*[.?]$/);
  for (const label of [en.hall.start, en.sheets.asked.yes, en.bar.raise, en.room.leave, en.claim.create]) {
    expect(label).not.toMatch(/\.$/);
  }
});

test("numbers choose their words", () => {
  expect(en.hall.newRooms(1)).toBe("1 new room");
  expect(en.hall.newRooms(2)).toBe("2 new rooms");
  expect(en.hall.listening(1284, 0)).toBe("1,284 listening");
  expect(en.hall.listening(1284, 2)).toBe("1,284 listening, 2 you follow");
  expect([1, 2, 3, 4, 11, 12, 13, 21, 22, 101].map(en.bar.place)).toEqual([
    "1st in line", "2nd in line", "3rd in line", "4th in line", "11th in line",
    "12th in line", "13th in line", "21st in line", "22nd in line", "101st in line",
  ]);
});

test("names are lists to people", () => {
  expect(en.hall.speaking(["Marta"])).toBe("Marta is speaking");
  expect(en.hall.speaking(["Marta", "Jo"])).toBe("Marta and Jo are speaking");
  expect(en.hall.speakingWith(["Jo"], ["Teun", "Nadia"])).toBe("Jo is speaking, with Teun and Nadia");
});

test("a sentence is cut at its names and nowhere else", () => {
  expect(pieces(en.asked.title(name("ليلى")))).toEqual([
    { is: "name", text: "ليلى" },
    { is: "words", text: " asks you up" },
  ]);
  expect(bare(en.common.list([name("Ann"), name("Bo")]))).toBe("Ann and Bo");
  expect(pieces("no name")).toEqual([{ is: "words", text: "no name" }]);
});

test("the test language keeps every key and every name", () => {
  const other = pseudo(en);
  expect(other.hall.newRooms(2)).toMatch(/^\[2 ñêw rööms~+\]$/);
  expect(pieces(other.asked.title(name("Bo"))).some((piece) => piece.is === "name")).toBe(true);
  expect([...every(other, "en")].length).toBe([...every(en, "en")].length);
});

