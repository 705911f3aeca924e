// Every word on screen comes from here. A language is three files with the shapes of `en.ts`, `en.doors.ts` and
// `en.settings.ts`, of which the last two travel with the screens that say them; a missing key is a type error.

import { en } from "./en";

export type Texts = typeof en;
export { bare, name, pieces } from "./format";

export interface Language {
  readonly locale: string;
  readonly dir: "ltr" | "rtl";
  readonly load: () => Promise<Texts>;
}

/** In the order of preference when nothing fits better. */
export const LANGUAGES: readonly Language[] = [{ locale: "en", dir: "ltr", load: async () => en }];

/** The texts in use. Set once, before the first screen. */
export let t: Texts = en;

export function speak(texts: Texts, language: Pick<Language, "locale" | "dir">, root: HTMLElement): void {
  t = texts;
  root.lang = language.locale;
  root.dir = language.dir;
}

/** The language that fits the browser best. */
export function fitting(wanted: readonly string[]): Language {
  const fallback: Language = { locale: "en", dir: "ltr", load: async () => en };
  for (const tag of wanted) {
    const found = LANGUAGES.find(({ locale }) => tag === locale || tag.startsWith(`${locale}-`));
    if (found) return found;
  }
  return LANGUAGES[0] ?? fallback;
}
