// What only the settings say: nobody waits for it who does not go there.

import type { settings } from "./en.settings";

export type SettingsTexts = typeof settings;

/** The texts in use. Set by `ui/later.ts`, which fetches them with the screens that say them. */
export let s: SettingsTexts;

export function speakInSettings(texts: SettingsTexts): void {
  s = texts;
}
