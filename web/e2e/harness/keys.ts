// Somebody without a mouse: Tab, arrows, Enter and what is typed. What is never reached is a failure.

import { expect, type Locator, type Page } from "@playwright/test";
import type { Person } from "./person.ts";

type Role = "button" | "combobox" | "link" | "radio" | "searchbox" | "switch" | "textbox";

/** More presses than any screen here has stops. */
const STOPS_MAX = 60;

/** From the next page on, a press of a mouse or a finger breaks a promise: the story went another way than it says. */
export async function byKeysAlone({ context }: Person): Promise<void> {
  await context.addInitScript(() => {
    addEventListener("pointerdown", ({ pointerType }) => void window.tellBrokenPromise?.(`keys alone: a ${pointerType} pressed`), { capture: true });
  });
}

/** Presses Tab until the focus stands on something of this role and name. */
export async function tabTo({ page }: Pick<Person, "page">, role: Role, name: string | RegExp): Promise<void> {
  // Of one name there may be two, and one of them under a sheet.
  const wanted = page.getByRole(role, { name }).filter({ visible: true });
  await expect(wanted.first()).toBeVisible();
  const passed: string[] = [];
  for (let stop = 0; stop < STOPS_MAX; stop += 1) {
    await page.keyboard.press("Tab");
    if (await wanted.evaluateAll((all) => all.some((element) => element === document.activeElement))) return;
    passed.push(await page.evaluate(() => document.activeElement?.textContent?.trim().slice(0, 30) ?? ""));
  }
  throw new Error(`${String(name)} is not reached by Tab: ${passed.join(" | ")}`);
}

/** By Tab to something that is pressed, and pressed. */
export async function press(person: Pick<Person, "page">, name: string | RegExp, role: Role = "button"): Promise<void> {
  await tabTo(person, role, name);
  await person.page.keyboard.press("Enter");
}

/** By Tab to a field, and written. */
export async function write(person: Pick<Person, "page">, field: string, text: string, role: "textbox" | "searchbox" = "textbox"): Promise<void> {
  await tabTo(person, role, field);
  await person.page.keyboard.type(text);
}

/** What the focus stands on, by its text. */
export const focused = ({ page }: Pick<Person, "page">): Promise<string> =>
  page.evaluate(() => document.activeElement?.getAttribute("aria-label") ?? document.activeElement?.textContent?.trim() ?? "");

/** Whatever was under the focus and has gone, the focus went on to something: the next Tab does not begin at the top. */
export async function expectFocus(person: Pick<Person, "name" | "page">, after: string): Promise<void> {
  const lost = (): Promise<boolean> => person.page.evaluate(() => document.activeElement === null || document.activeElement === document.body);
  await expect.poll(lost, { message: `${person.name}'s focus is lost after ${after}` }).toBe(false);
}

/** A sheet has opened and taken the focus; its name is on the screen. */
export async function expectInSheet(sheet: Locator): Promise<void> {
  await expect(sheet).toBeVisible();
  await expect.poll(() => sheet.evaluate((element) => element.contains(document.activeElement)), { message: "the sheet takes the focus" }).toBe(true);
}

export interface Round {
  /** What can be pressed or written in, and Tab never stood on. */
  readonly missed: readonly string[];
  /** Where Tab stood while something lay over it. */
  readonly covered: readonly string[];
  /** Whether Tab came back to where it began, by itself. */
  readonly end: "came round" | "caught";
}

/**
 * Tab from the top of the page, or of the sheet that is open, until it comes round: everything that can be used is a stop,
 * each is seen while the focus stands there (WCAG 2.2, 2.4.11), and none keeps the focus (2.1.2).
 */
export async function round(page: Page): Promise<Round> {
  await page.evaluate(listStops);
  const stood = new Set<number>();
  const covered: string[] = [];
  // What went while Tab was under way is not missed: news are at hand when one is back at the top.
  const missed = (): Promise<string[]> =>
    page.evaluate((seen) => window.stops.flatMap(({ element, name }, index) => (seen.includes(index) || !element.isConnected ? [] : [name])), [...stood]);
  for (let presses = 0; presses <= 2 * STOPS_MAX; presses += 1) {
    await page.keyboard.press("Tab");
    const stop = await page.evaluate(lookAtStop);
    if (stop === "outside") continue;
    if (stood.has(stop.index)) {
      return { missed: await missed(), covered, end: stop.index === [...stood][0] ? "came round" : "caught" };
    }
    stood.add(stop.index);
    if (stop.over !== null) covered.push(`${stop.over} lies over ${stop.name}`);
  }
  return { missed: await missed(), covered, end: stood.size === 0 ? "came round" : "caught" };
}

declare global {
  interface Window {
    stops: Array<{ readonly element: HTMLElement; readonly name: string }>;
  }
}

/** In the page: everything at which Tab must stop, and the focus taken away. */
function listStops(): void {
  const nameOf = (element: Element): string => {
    const label = element.getAttribute("aria-label") ?? element.closest("label")?.textContent ?? element.textContent ?? "";
    return `${element.localName} “${label.trim().replace(/\s+/g, " ").slice(0, 40)}”`;
  };
  const top = [...document.querySelectorAll("dialog")].find((dialog) => dialog.matches(":modal")) ?? document.body;
  const all = [...top.querySelectorAll<HTMLElement>("a[href], button, input, select, textarea, summary, [tabindex='0']")];
  const usable = all.filter((element) => element.checkVisibility({ visibilityProperty: true }) && !element.matches(":disabled, [tabindex='-1']"));
  // Of a group of choices one is a stop; arrows do the rest.
  const stops = usable.filter((element) => {
    if (!(element instanceof HTMLInputElement) || element.type !== "radio" || element.checked) return true;
    const group = usable.filter((other): other is HTMLInputElement => other instanceof HTMLInputElement && other.type === "radio" && other.name === element.name);
    return group.every(({ checked }) => !checked) && group[0] === element;
  });
  window.stops = stops.map((element) => ({ element, name: nameOf(element) }));
  (document.activeElement as HTMLElement | null)?.blur();
}

/** In the page: where the focus stands, and what lies over it. */
function lookAtStop(): "outside" | { index: number; name: string; over: string | null } {
  const now = document.activeElement;
  if (now === null || now === document.body || now instanceof HTMLDialogElement) return "outside";
  const index = window.stops.findIndex(({ element }) => element === now);
  // What scrolls is a stop of the browser's own.
  if (index === -1) return "outside";
  // A link within a sentence may be broken into lines.
  const { left, top, width, height } = now.getClientRects()[0] ?? now.getBoundingClientRect();
  const x = left + width / 2;
  const whole = now.closest("label") ?? now;
  const over = [top + 2, top + height / 2, top + height - 2].flatMap((y) => {
    const hit = document.elementFromPoint(x, y);
    if (hit === null) return ["the edge of the screen"];
    return whole.contains(hit) ? [] : [`${hit.localName}.${hit.classList[0] ?? ""}`];
  });
  return { index, name: window.stops[index]?.name ?? "", over: over[0] ?? null };
}
