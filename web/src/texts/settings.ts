// What only the settings say. A language has a file of it of its own, so that nobody waits for it who does not go there.

import { settings } from "./en.settings";

export type SettingsTexts = typeof settings;

/** The texts in use. Set before the first screen that says them. */
export let s: SettingsTexts = settings;

export function speakInSettings(texts: SettingsTexts): void {
  s = texts;
}
