// That every language says what English says: all of it, about the same, and in its own words.

import { expect, test } from "vitest";
import { locale as arabicOf } from "./ar.forms";
import { worker as arabic } from "./ar.worker";
import { worker as english } from "./en.worker";
import { bare, fitting, type Language, LOCALES, name } from "./index";
import { worker as russian } from "./ru.worker";

const WORKERS: Readonly<Record<string, object>> = { en: english, ru: russian, ar: arabic };
const OTHERS = LOCALES.filter((locale) => locale !== "en");

/** Everything that a language says, by groups. */
async function whole(language: Language): Promise<Record<string, unknown>> {
  const { load, sheets, doors, events, inroom, people, clubs, settings } = language;
  return { first: await load(), sheets: await sheets(), doors: await doors(), events: await events(), inroom: await inroom(), people: await people(), clubs: await clubs(), settings: await settings(), worker: WORKERS[language.locale] };
}

/** Of each rule that any of the languages has, and more. */
const COUNTS = [0, 1, 2, 3, 5, 7, 11, 12, 21, 22, 25, 100, 101, 103, 111, 1_000];

type Said = Map<string, string>;

/** Every sentence by its path: functions are called with numbers and with names that are found again. */
function said(value: unknown, path: string, into: Said = new Map()): Said {
  if (typeof value === "string") into.set(path, value);
  else if (typeof value === "function") for (const [called, args] of calls(value.length)) tell(value, args, `${path}(${called})`, into);
  else if (typeof value === "object" && value !== null) for (const [key, part] of Object.entries(value)) said(part, `${path}.${key}`, into);
  return into;
}

const NAMES = [name("QA"), name("QB"), name("QC"), name("QD")];

function* calls(length: number): Generator<readonly [string, readonly unknown[]]> {
  // Whatever this takes, one of these is its kind; where it takes fewer, the rest is not read.
  const places = Math.max(length, 1);
  yield ["names", NAMES.slice(0, places)];
  yield ["lists", Array.from({ length: places }, (_, at) => [NAMES[at], name(`L${at}`)])];
  for (const n of COUNTS) {
    yield [String(n), Array(places).fill(n)];
    yield [`${n}, list`, [n, [NAMES[0], name("L0")]]];
    yield [`list, ${n}`, [[NAMES[0], name("L0")], n]];
    yield [`name, ${n}`, [NAMES[0], n]];
    yield [`${n}, name`, [n, NAMES[0], n]];
  }
  yield ["zone", [1_000, "Asia/Tokyo", 60]];
}

function tell(text: CallableFunction, args: readonly unknown[], path: string, into: Said): void {
  try {
    said(text(...args), path, into);
  } catch {
    // Not the kind of argument that this text takes.
  }
}

/** Of how many a sentence may count, as it is written in any of the languages. */
const western = (text: string): string => text.replace(/[٠-٩]/g, (digit) => String("٠١٢٣٤٥٦٧٨٩".indexOf(digit)));
const namesIn = (text: string): readonly string[] => [...new Set(text.match(/\b(?:Q[A-D]|L\d)\b/g) ?? [])];

test("languages are found by their region, by choice before the browser's, and English is there for all", async () => {
  const found = async (...wanted: string[]): Promise<string> => (await fitting(wanted)).locale;
  expect(await found("en-GB", "ru")).toBe("en");
  expect(await found("tlh", "ru-RU", "en")).toBe("ru");
  expect(await found("ar-EG")).toBe("ar");
  expect(await found("ar", "en-US")).toBe("ar");
  expect(await found("system", "ru")).toBe("ru");
  expect(await found("constructor")).toBe("en");
  expect(await found()).toBe("en");
  expect((await fitting(["ar"])).dir).toBe("rtl");
});

for (const locale of OTHERS) {
  test(`${locale}: no sentence is missing, and none is empty that is not`, async () => {
    const [first, other] = [said(await whole(await fitting(["en"])), ""), said(await whole(await fitting([locale])), "")];
    const plain = (all: Said): string[] => [...all.keys()].filter((path) => !path.includes("(")).sort();
    expect(plain(other)).toEqual(plain(first));
    for (const [path, text] of other) {
      expect(text, path).not.toMatch(/undefined|\[object|#|NaN/);
      if (first.get(path)?.trim() !== "") expect(text.trim(), path).not.toBe("");
    }
  });

  test(`${locale}: who and what a sentence is about is in it, in every number`, async () => {
    const [first, other] = [said(await whole(await fitting(["en"])), ""), said(await whole(await fitting([locale])), "")];
    let compared = 0;
    const lost: string[] = [];
    for (const [path, text] of first) {
      const translated = other.get(path);
      // Called with the wrong kind of thing a sentence says anything, or nothing.
      if (translated === undefined) continue;
      const found = namesIn(translated);
      lost.push(...namesIn(text).filter((one) => !found.includes(one)).map((one) => `${path} without ${one}: ${translated}`));
      compared += namesIn(text).length;
    }
    expect(lost).toEqual([]);
    expect(compared).toBeGreaterThan(300);
  });

  test(`${locale}: a sentence that counts says how many, wherever its language has no word for it`, async () => {
    const other = said(await whole(await fitting([locale])), "");
    const rules = new Intl.PluralRules(locale);
    let counted = 0;
    for (const [path] of other) {
      if (!path.endsWith("(7)")) continue;
      const at = (n: number): string => western(other.get(path.replace("(7)", `(${n})`)) ?? "");
      if (!/(?<!\d)7(?!\d)/.test(at(7))) continue;
      // Durations are said in larger units from some number on.
      if (path.includes(".length(") || path.includes(".talked.time(")) continue;
      counted += 1;
      for (const n of COUNTS) {
        const word = n < 3 && (locale === "ar" || n === 0);
        if (!word && n < 1_000) expect(at(n), `${path.replace("(7)", `(${n})`)}: ${rules.select(n)}`).toMatch(new RegExp(`(?<!\\d)${n}(?!\\d)`));
      }
    }
    expect(counted).toBeGreaterThan(40);
  });

  test(`${locale}: nothing is left in English`, async () => {
    const other = said(await whole(await fitting([locale])), "");
    const left: string[] = [];
    for (const [path, text] of other) {
      const words = bare(text).match(/[A-Za-z][A-Za-z'’-]+/g) ?? [];
      if (words.some((word) => !SAME.has(word)) && !SAME_TEXT.has(path)) left.push(`${path}: ${text}`);
    }
    expect(left).toEqual([]);
  });

  test(`${locale}: it does not stop in the middle, and buttons carry no full stop`, async () => {
    const [first, other] = [said(await whole(await fitting(["en"])), ""), said(await whole(await fitting([locale])), "")];
    const ends = (text: string): string => /[.?؟!:]$/.exec(text.replaceAll("⁩", ""))?.[0].replace("؟", "?") ?? "";
    const differ = [...first].filter(([path, text]) => !path.includes("(") && (ends(text) === ".") !== (ends(other.get(path) ?? "") === ".")).map(([path]) => path);
    expect(differ).toEqual([]);
  });
}

/** Names of things, and what is typed: the same in every language. */
const SAME = new Set(
  ["QA", "QB", "QC", "QD", "Vivavoce", "WebRTC", "JPEG", "PNG", "WebP", "JSON", "UTC", "https", "iPhone", "iPad", "Android", "Mac", "Windows", "Linux", "Esc", "vivavoce", "admin", "owner", "HANDLE", "doctor", "GMT", "Asia", "Tokyo"],
);
/** Examples of a handle, and what says which language it is. */
const SAME_TEXT = new Set([".doors.names.handlePlaceholder", ".worker.locale", ".worker.dir"]);

test("Arabic is written as its readers write it, by the calendar that all on a server share", () => {
  const day = (wanted: readonly string[]): string => new Intl.DateTimeFormat(arabicOf(wanted), { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" }).format(1_796_000_000_000);
  expect(arabicOf([])).toBe("ar-u-ca-gregory");
  expect(day(["en", "ar-SY"])).toContain("تشرين الثاني");
  expect(day(["ar-EG"])).toContain("نوفمبر");
  expect(day(["ar-SA-u-ca-islamic"])).toContain("نوفمبر");
});
