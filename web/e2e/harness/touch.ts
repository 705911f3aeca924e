// Somebody with a phone: a small screen, and a thumb that is as wide as the pad of a finger. No mouse, and no keys but
// those that the screen shows.

import { expect, type Locator } from "@playwright/test";
import type { House, Member } from "./house.ts";
import { overflow } from "./look.ts";
import type { Person } from "./person.ts";
import type { PersonOptions } from "./test.ts";
import type { Tone } from "./tones.ts";

const UPRIGHT = { width: 390, height: 844 };
const PHONE: PersonOptions = { viewport: UPRIGHT, deviceScaleFactor: 2, hasTouch: true, isMobile: true, reducedMotion: "reduce" };

type Enter = (name: string, tone?: Tone, options?: PersonOptions) => Promise<Person>;

/** A member with a phone. From the first page on, a press of anything but a finger breaks a promise. */
export async function withPhone(house: House, person: Enter, name: string): Promise<Member> {
  const one = await person(name, undefined, PHONE);
  await one.context.addInitScript(() => {
    const pressed = ({ pointerType }: PointerEvent): void => {
      if (pointerType !== "touch") void window.tellBrokenPromise?.(`fingers alone: a ${pointerType} pressed`);
    };
    addEventListener("pointerdown", pressed, { capture: true });
  });
  return house.welcome(one);
}

/** Where it lies, and not where a scroll would bring it, unless it has to be looked for. */
export async function tap(target: Locator): Promise<void> {
  await expect(target).toBeVisible();
  await target.scrollIntoViewIfNeeded();
  const wrong = await target.evaluate(missedByThumb);
  expect(wrong, "a thumb finds it").toBeNull();
  await target.tap();
}

export async function type(field: Locator, text: string): Promise<void> {
  await tap(field);
  await field.page().keyboard.type(text);
}

/** The phone is turned, and back. */
export async function sideways({ page }: Member, look: () => Promise<void>): Promise<void> {
  const { width, height } = UPRIGHT;
  await page.setViewportSize({ width: height, height: width });
  await look();
  await page.setViewportSize(UPRIGHT);
}

/**
 * Everything that can be pressed on this screen, or on the sheet that is open, can be scrolled to where nothing lies over
 * it and a thumb finds it; and the screen does not move sideways.
 */
export async function expectInReach({ page, name }: Member, where: string): Promise<void> {
  expect(await overflow(page), `${where} is as wide as ${name}'s screen`).toBe(0);
  expect(await page.evaluate(`(${outOfReach})(${missedByThumb})`), `${where}, under ${name}'s thumb`).toEqual([]);
}

/**
 * In the page: what a thumb meets instead of this. As wide as 44 pixels (WCAG 2.2, 2.5.5; the style guides of both
 * systems), measured by what is hit, since what is drawn may be smaller.
 */
function missedByThumb(target: Element): string | null {
  const REACH_PX = 21;
  const box = (target.closest("label") ?? target).getClientRects()[0];
  if (box === undefined) return "nothing is drawn";
  const [x, y] = [box.left + box.width / 2, box.top + box.height / 2];
  for (const [dx, dy] of [[0, 0], [-REACH_PX, 0], [REACH_PX, 0], [0, -REACH_PX], [0, REACH_PX]] as const) {
    const hit = document.elementFromPoint(x + dx, y + dy);
    const mine = hit !== null && (target.contains(hit) || target.closest("label")?.contains(hit));
    if (!mine) return `${hit === null ? "the edge of the screen" : `${hit.localName}.${hit.className}`}, ${Math.abs(dx + dy)} pixels beside the middle`;
  }
  return null;
}

/** In the page. */
function outOfReach(missed: typeof missedByThumb): string[] {
  const top = [...document.querySelectorAll("dialog")].find((dialog) => dialog.matches(":modal")) ?? document;
  const all = [...top.querySelectorAll<HTMLElement>("a[href], button, input, select, summary")];
  const at = scrollY;
  const complaints = all.flatMap((element) => {
    // A link within a sentence is as high as its line.
    if (!element.checkVisibility({ visibilityProperty: true }) || element.matches(":disabled, p a")) return [];
    element.scrollIntoView({ block: "center", inline: "center" });
    const instead = missed(element);
    return instead === null ? [] : [`${element.localName} “${(element.ariaLabel ?? element.textContent ?? "").trim().slice(0, 40)}”: ${instead}`];
  });
  scrollTo(0, at);
  return complaints;
}
