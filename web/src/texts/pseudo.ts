// A language nobody speaks, for looking: longer words, marked ends, from the other side.

import type { Language } from "./index";

const LETTERS: Record<string, string> = { a: "á", e: "ê", i: "ï", o: "ö", u: "ü", n: "ñ", c: "ç", y: "ý" };

function stretch(text: string): string {
  if (text === "") return text;
  const marked = text.replace(/[aeiounyc]/g, (letter) => LETTERS[letter] ?? letter);
  return `[${marked}${"~".repeat(Math.ceil(text.length * 0.3))}]`;
}

function walk(value: unknown): unknown {
  if (typeof value === "string") return stretch(value);
  if (typeof value === "function") {
    const strange = (...args: unknown[]): string => stretch(String(value(...args)));
    return Object.defineProperty(strange, "length", { value: value.length });
  }
  if (Array.isArray(value)) return value.map(walk);
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, walk(part)]));
  }
  return value;
}

/** Any part of a catalogue. */
export function pseudo<Part>(texts: Part): Part {
  return walk(texts) as Part;
}

/** A whole language, made from another. */
export function strange({ load, sheets, doors, events, inroom, people, clubs, settings }: Language): Language {
  return {
    locale: "ar-XB",
    dir: "rtl",
    load: async () => pseudo(await load()),
    sheets: async () => pseudo(await sheets()),
    doors: async () => pseudo(await doors()),
    events: async () => pseudo(await events()),
    inroom: async () => pseudo(await inroom()),
    people: async () => pseudo(await people()),
    clubs: async () => pseudo(await clubs()),
    settings: async () => pseudo(await settings()),
  };
}
