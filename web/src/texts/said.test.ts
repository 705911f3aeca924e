// That the catalogues and the screens belong together: every text is said, and nothing is said that is in none.

import { parse } from "svelte/compiler";
import { expect, test } from "vitest";
import { en } from "./en";
import { clubs } from "./en.clubs";
import { doors } from "./en.doors";
import { events } from "./en.events";
import { settings } from "./en.settings";
import { sheets } from "./en.sheets";

/** Every file is read: on a slow and busy machine that takes its time. */
const SLOW = { timeout: 60_000 };

test("every text is said somewhere", SLOW, () => {
  const sources: Record<string, string> = import.meta.glob(["../**/*.svelte", "../**/*.ts", "!../**/*.test.ts", "!./*"], { query: "?raw", import: "default", eager: true });
  const code = Object.values(sources).join("\n");
  const unsaid: string[] = [];
  const look = (texts: object, path: string): void => {
    for (const [key, text] of Object.entries(texts)) {
      const named = `${path}.${key}`;
      // By a name that is only known then: `t.kinds[kind]`.
      if (new RegExp(`\\b${named.replaceAll(".", "\\.")}\\[`).test(code)) continue;
      if (typeof text === "object" && text !== null && !Array.isArray(text)) look(text, named);
      else if (!new RegExp(`\\b${named.replaceAll(".", "\\.")}\\b`).test(code)) unsaid.push(named);
    }
  };
  for (const [as, texts] of Object.entries({ c: clubs, t: en, d: doors, e: events, s: settings, w: sheets })) look(texts, as);
  expect(unsaid).toEqual([]);
});

/** What is the same in every language. */
const NAMES = new Set(["@", "Vivavoce", "vivavoce admin signin-link HANDLE"]);
const READ_OUT = new Set(["aria-label", "aria-valuetext", "aria-description", "title", "placeholder", "alt"]);

/** What a component itself says: words between its tags and in what is read out, and what joins texts to sentences. */
function* saysItself(node: unknown, words: "said" | "unsaid" = "said"): Generator<string> {
  if (Array.isArray(node)) for (const part of node) yield* saysItself(part, words);
  if (typeof node !== "object" || node === null || !("type" in node)) return;
  const at = node as { type: string; name?: string; data?: string; cooked?: string; value?: unknown };
  if (at.type === "Text" && words === "said") yield at.data ?? "";
  if (at.type === "TemplateElement" && words === "said") yield (at.value as { cooked: string }).cooked;
  if (at.type === "StyleSheet" || at.type === "StyleDirective") return;
  const inside = at.type === "Attribute" ? (READ_OUT.has(at.name ?? "") ? "said" : "unsaid") : at.type === "Script" ? "unsaid" : words;
  for (const [key, part] of Object.entries(node)) if (key !== "metadata") yield* saysItself(part, inside);
}

test("no component has words of its own, nor puts sentences together", SLOW, () => {
  const own = (code: string): string[] =>
    [...saysItself(parse(code, { modern: true }).fragment)].map((text) => text.trim()).filter((text) => text !== "" && !NAMES.has(text));
  expect(own('<p aria-label="Word" class="x">{a}. {`${a}, ${b}`}<b title={c}>More</b></p>')).toEqual(["Word", ".", ",", "More"]);
  const sources: Record<string, string> = import.meta.glob("../**/*.svelte", { query: "?raw", import: "default", eager: true });
  expect(Object.keys(sources).length).toBeGreaterThan(60);
  expect(Object.entries(sources).flatMap(([path, code]) => own(code).map((text) => `${path}: ${text}`))).toEqual([]);
});
