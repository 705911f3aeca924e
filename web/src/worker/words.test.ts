import { expect, test } from "vitest";
import { LOCALES } from "../texts";
import { keep, kept, type Place } from "./language";
import { wordsFor } from "./words";

/** As a browser keeps it. */
function place(): Place {
  const all = new Map<string, Map<string, string>>();
  return {
    open: async (name: string) => {
      const inside = all.get(name) ?? new Map<string, string>();
      all.set(name, inside);
      return { put: async (key: string, answer: Response) => void inside.set(key, await answer.text()) } as unknown as Cache;
    },
    match: async (key, options) => {
      const found = all.get(options?.cacheName ?? "")?.get(String(key));
      return found === undefined ? undefined : new Response(found);
    },
    delete: async (name) => all.delete(name),
  };
}

test("what comes while no page is open is said in every language of the page", () => {
  expect(LOCALES.map((locale) => wordsFor([locale]).locale)).toEqual(LOCALES);
  expect(wordsFor(["ar-EG", "en"]).dir).toBe("rtl");
  expect(wordsFor(["tlh", "ru-RU"]).turnedOff).toBe("Выключено");
  expect(wordsFor(["tlh"]).locale).toBe("en");
});

test("who chose a language on a page is told things in it, and whoever takes the choice back as the browser asks", async () => {
  const here = place();
  expect(await kept(here)).toBeNull();
  await keep(here, "ru");
  expect(await kept(here)).toBe("ru");
  await keep(here, null);
  expect(await kept(here)).toBeNull();
});

test("a place that cannot be read is one where nothing was chosen", async () => {
  expect(await kept({ ...place(), match: () => Promise.reject(new Error("no")) })).toBeNull();
});
