// What stands on an avatar: initials and a hue, both read from the name, so that nothing needs to be stored.

/** Degrees of the hue circle; none between 20 and 80, where voice lives. */
const HUES = [95, 125, 150, 175, 200, 225, 250, 275, 300, 325, 350, 5] as const;

/** One or two letters. Scripts without words of their own letters (Arabic, Han …) get what reads well there. */
export function initials(name: string): string {
  const words = name.trim().split(/\s+/).filter((word) => /[\p{L}\p{N}]/u.test(word));
  const first = letters(words[0] ?? name)[0] ?? "·";
  const last = words.length > 1 ? letters(words.at(-1) ?? "")[0] : undefined;
  return last === undefined ? first : first + last;
}

function letters(word: string): string[] {
  const found = [...new Intl.Segmenter(undefined, { granularity: "grapheme" }).segment(word)].map((part) => part.segment);
  const readable = found.filter((part) => /[\p{L}\p{N}]/u.test(part));
  return readable.length > 0 ? readable : found;
}

/** A hue for somebody: by handle where there is one, so that it is the same in every room. */
export function hue(key: string): number {
  let sum = 0;
  for (const character of key) sum = (sum * 31 + (character.codePointAt(0) ?? 0)) >>> 0;
  return HUES[sum % HUES.length] ?? HUES[0];
}

/** Above this many characters a name steps down in size, to stay within two lines of a tile. */
const LONG_NAME_CHARS = 16;

export function isLong(name: string): boolean {
  return [...name].length > LONG_NAME_CHARS;
}
