// A state of the screen, looked at as four people would: phone and desktop, light and dark. Each look is measured with
// axe and kept as a picture.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { expect, type Page, test } from "@playwright/test";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

const SIZES = { phone: { width: 390, height: 844 }, desktop: { width: 1280, height: 800 } } as const;
const THEMES = ["light", "dark"] as const;
/** What is asked of each theme: the second one changes nothing but colours. */
const ASKED = { light: "everything", dark: "colours" } as const;
const ABOUT_COLOURS = ["color-contrast", "link-in-text-block"];

interface Finding {
  readonly id: string;
  readonly impact: string | null;
  readonly nodes: ReadonlyArray<{ readonly html: string; readonly failureSummary?: string }>;
}

interface Axe {
  run(where: Document, options: unknown): Promise<{ violations: Finding[] }>;
}

/** Finds nothing serious or critical in any of the four looks, and leaves a picture of each. */
export async function expectGoodLooks(page: Page, state: string): Promise<void> {
  const size = page.viewportSize();
  for (const [device, viewport] of Object.entries(SIZES)) {
    await page.setViewportSize(viewport);
    for (const colorScheme of THEMES) {
      const look = `${state}-${device}-${colorScheme}`;
      // A transition that is half way has colours of neither end.
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      await page.evaluate(settled);
      await page.screenshot({ path: test.info().outputPath(`${look}.png`) });
      expect.soft(await seriousFindings(page, ASKED[colorScheme]), look).toEqual([]);
      expect.soft(await overflow(page), `${look} fits`).toBe(0);
    }
  }
  await page.emulateMedia({ colorScheme: null, reducedMotion: null });
  if (size !== null) await page.setViewportSize(size);
}

async function settled(): Promise<void> {
  const ending = document.getAnimations().filter((animation) => animation.effect?.getComputedTiming().endTime !== Infinity);
  await Promise.all(ending.map((animation) => animation.finished.catch(() => undefined)));
}

/** What axe calls serious or critical, a line each. */
export async function seriousFindings(page: Page, asked: "everything" | "colours" = "everything"): Promise<string[]> {
  // Trusted Types forbid a script element; evaluating is not one.
  if (!(await page.evaluate(() => "axe" in window))) await page.evaluate(AXE);
  const only = asked === "colours" ? { runOnly: { type: "rule", values: ABOUT_COLOURS } } : {};
  const { violations } = await page.evaluate((options) => {
    const { axe } = window as unknown as { axe: Axe };
    return axe.run(document, options);
  }, { resultTypes: ["violations"], ...only });
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary ?? ""}`));
}

/** Pixels by which the page is wider than the screen. */
export function overflow(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
}
