// What a language needs besides words: plurals, numbers, lists, days.

type Words = Partial<Record<Intl.LDMLPluralRule, string>> & { other: string };

/** `Needs` are the plural forms that a language has besides "other": text that lacks one is a type error. */
export interface Forms<Needs extends Intl.LDMLPluralRule = "one"> {
  /** The word that fits a number; `#` in it becomes the number. */
  plural(n: number, words: Words & Record<Needs, string>): string;
  number(n: number): string;
  ordinal(n: number, words: Words): string;
  /** "a, b and c" */
  list(parts: readonly string[]): string;
  /** A day, given in days since the Unix epoch. */
  day(day: number): string;
  /** A moment to the minute, in UTC as everything on a server; in milliseconds since the Unix epoch. */
  moment(ms: number): string;
}

const DAY_MS = 86_400_000;

export function forms<Needs extends Intl.LDMLPluralRule = "one">(locale: string): Forms<Needs> {
  const numbers = new Intl.NumberFormat(locale);
  const cardinals = new Intl.PluralRules(locale);
  const ordinals = new Intl.PluralRules(locale, { type: "ordinal" });
  const lists = new Intl.ListFormat(locale, { type: "conjunction" });
  const days = new Intl.DateTimeFormat(locale, { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" });
  const moments = new Intl.DateTimeFormat(locale, { day: "numeric", month: "long", year: "numeric", hour: "numeric", minute: "2-digit", timeZone: "UTC", timeZoneName: "short" });
  const fill = (word: string, n: number): string => word.replace("#", numbers.format(n));
  return {
    plural: (n, words) => fill(words[cardinals.select(n)] ?? words.other, n),
    ordinal: (n, words) => fill(words[ordinals.select(n)] ?? words.other, n),
    number: (n) => numbers.format(n),
    list: (parts) => lists.format(parts),
    day: (day) => days.format(new Date(day * DAY_MS)),
    moment: (ms) => moments.format(new Date(ms)),
  };
}

const OPEN = "\u2068";
const CLOSE = "\u2069";

/** Somebody's name inside a sentence: `Rich` draws it as `<bdi>`. For labels and titles pass the bare name. */
export function name(text: string): string {
  return `${OPEN}${text}${CLOSE}`;
}

export interface Piece {
  readonly is: "words" | "name";
  readonly text: string;
}

/** A sentence cut at its names. */
export function pieces(sentence: string): Piece[] {
  const found: Piece[] = [];
  for (const [index, part] of sentence.split(OPEN).entries()) {
    const [first = "", after] = part.split(CLOSE);
    if (index > 0) found.push({ is: "name", text: first });
    const words = index > 0 ? (after ?? "") : part;
    if (words !== "") found.push({ is: "words", text: words });
  }
  return found;
}

/** A sentence without marks, where there is nothing to draw names with. */
export function bare(sentence: string): string {
  return pieces(sentence).map((piece) => piece.text).join("");
}
