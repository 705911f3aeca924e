// Single keys, for those who want them. Off inside fields, and each can be switched off (WCAG 2.1.4).

export const SHORTCUTS = { microphone: "m", hand: "h", leave: "l", queue: "q", react: "r", help: "?" } as const;
export type Shortcut = keyof typeof SHORTCUTS;

export interface Press {
  readonly key: string;
  /** The place of the key on the keyboard, by what is there on a Latin one. */
  readonly code: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
  readonly repeat: boolean;
}

/** Where the focus stands when a key is pressed. */
export type Focus = "page" | "writing" | "sheet";

export function shortcutOf(press: Press, focus: Focus, off: ReadonlySet<Shortcut>): Shortcut | null {
  if (press.ctrlKey || press.metaKey || press.altKey || press.repeat || focus === "writing") return null;
  const key = latin(press);
  const found = (Object.keys(SHORTCUTS) as Shortcut[]).find((name) => SHORTCUTS[name] === key);
  if (found === undefined || off.has(found)) return null;
  // Under a sheet only the microphone answers: it must always be one key away, and nothing else may surprise.
  return focus === "sheet" && found !== "microphone" ? null : found;
}

/** What is written on the key; on keyboards of other scripts, what would be in its place. */
function latin({ key, code }: Press): string {
  if (key === "\u061f") return SHORTCUTS.help;
  return /^[^\u0000-\u024f]$/.test(key) && code.startsWith("Key") ? code.slice(3).toLowerCase() : key.toLowerCase();
}

const WRITING_TYPES = new Set(["checkbox", "radio", "range", "button", "submit", "reset"]);

export function focusOf(element: Element | null): Focus {
  if (element === null) return "page";
  if (element instanceof HTMLInputElement && !WRITING_TYPES.has(element.type)) return "writing";
  if (element instanceof HTMLTextAreaElement || element instanceof HTMLSelectElement) return "writing";
  if (element instanceof HTMLElement && element.isContentEditable) return "writing";
  return element.closest("dialog[open]") === null ? "page" : "sheet";
}
