import { type Shortcut, SHORTCUTS } from "./shortcuts";

export type Theme = "system" | "light" | "dark";
export type Motion = "system" | "less";
export type Contrast = "system" | "more";
export type OnOff = "on" | "off";

interface Kept {
  /** Of the page: its locale, or as the browser asks. */
  language: string;
  theme: Theme;
  motion: Motion;
  contrast: Contrast;
  sounds: OnOff;
  /** "You are muted, and speaking": some people want it said, some do not. */
  mutedHint: OnOff;
  /** The owner's list of what to do before people come. */
  firstSteps: "shown" | "hidden";
  shortcutsOff: Shortcut[];
}

const KEY = "vivavoce.preferences";
const FRESH: Kept = { language: "system", theme: "system", motion: "system", contrast: "system", sounds: "on", mutedHint: "on", firstSteps: "shown", shortcutsOff: [] };

/** How this browser likes it. Kept in the browser, never sent. */
export class Preferences {
  #kept: Kept = $state.raw(FRESH);
  readonly #storage: Pick<Storage, "getItem" | "setItem"> | null;

  constructor(storage: Pick<Storage, "getItem" | "setItem"> | null) {
    this.#storage = storage;
    this.#kept = read(storage);
  }

  get language(): string {
    return this.#kept.language;
  }
  get theme(): Theme {
    return this.#kept.theme;
  }
  get motion(): Motion {
    return this.#kept.motion;
  }
  get contrast(): Contrast {
    return this.#kept.contrast;
  }
  get sounds(): OnOff {
    return this.#kept.sounds;
  }
  get mutedHint(): OnOff {
    return this.#kept.mutedHint;
  }
  get firstSteps(): "shown" | "hidden" {
    return this.#kept.firstSteps;
  }
  get shortcutsOff(): ReadonlySet<Shortcut> {
    return new Set(this.#kept.shortcutsOff);
  }
  /** What is written on its key, unless that is switched off. */
  keyOf(name: Shortcut): string | undefined {
    return this.#kept.shortcutsOff.includes(name) ? undefined : SHORTCUTS[name];
  }

  change(part: Partial<Kept>): void {
    this.#kept = { ...this.#kept, ...part };
    try {
      this.#storage?.setItem(KEY, JSON.stringify(this.#kept));
    } catch {
      // A full or forbidden storage: the choice holds for this visit.
    }
  }

  /** Puts the look on the page; styles read it from there. */
  dress(root: HTMLElement): void {
    if (this.theme === "system") delete root.dataset["theme"];
    else root.dataset["theme"] = this.theme;
    if (this.motion === "system") delete root.dataset["motion"];
    else root.dataset["motion"] = this.motion;
    if (this.contrast === "system") delete root.dataset["contrast"];
    else root.dataset["contrast"] = this.contrast;
  }
}

function read(storage: Pick<Storage, "getItem"> | null): Kept {
  try {
    const kept: unknown = JSON.parse(storage?.getItem(KEY) ?? "{}");
    if (typeof kept !== "object" || kept === null) return FRESH;
    const whole: Kept = { ...FRESH, ...kept };
    return Array.isArray(whole.shortcutsOff) ? whole : { ...whole, shortcutsOff: [] };
  } catch {
    return FRESH;
  }
}

export function browserStorage(): Storage | null {
  try {
    return localStorage;
  } catch {
    return null;
  }
}
