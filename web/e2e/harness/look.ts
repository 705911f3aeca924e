// A state of the screen, looked at as four people would: phone and desktop, light and dark. Each look is measured with
// axe and kept as a picture.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { expect, type Page, test } from "@playwright/test";
import { contrastFindings } from "./contrast.ts";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

const SIZES = { phone: { width: 390, height: 844 }, desktop: { width: 1280, height: 800 } } as const;
const THEMES = ["light", "dark"] as const;
const CONTRAST = "color-contrast";

interface Finding {
  readonly id: string;
  readonly impact: string | null;
  readonly nodes: readonly FoundNode[];
}

interface FoundNode {
  readonly html: string;
  readonly target: readonly unknown[];
  readonly failureSummary?: string;
  readonly any: ReadonlyArray<{ readonly data: { readonly expectedContrastRatio?: string } | null }>;
}

interface Axe {
  run(where: Document, options: unknown): Promise<{ violations: Finding[]; incomplete: Finding[] }>;
}

/** Finds nothing serious or critical in any of the four looks, and leaves a picture of each. */
export async function expectGoodLooks(page: Page, state: string): Promise<void> {
  const size = page.viewportSize();
  const calm = await page.evaluate(() => matchMedia("(prefers-reduced-motion: reduce)").matches);
  for (const [device, viewport] of Object.entries(SIZES)) {
    await page.setViewportSize(viewport);
    for (const colorScheme of THEMES) {
      const look = `${state}-${device}-${colorScheme}`;
      // A transition that is half way has colours of neither end.
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      await page.evaluate(settled);
      await page.screenshot({ path: test.info().outputPath(`${look}.png`) });
      expect.soft(await seriousFindings(page), look).toEqual([]);
      expect.soft(await overflow(page), `${look} fits`).toBe(0);
    }
  }
  // A page that was calm stays so: rings that glow on every page that was looked at take the time of those who talk.
  await page.emulateMedia({ colorScheme: null, reducedMotion: calm ? "reduce" : null });
  if (size !== null) await page.setViewportSize(size);
}

async function settled(): Promise<void> {
  const ending = document.getAnimations().filter((animation) => animation.effect?.getComputedTiming().endTime !== Infinity);
  await Promise.all(ending.map((animation) => animation.finished.catch(() => undefined)));
}

/** What axe calls serious or critical, a line each; and what it leaves open, unless that is decided here. */
export async function seriousFindings(page: Page): Promise<string[]> {
  // Trusted Types forbid a script element; evaluating is not one.
  if (!(await page.evaluate(() => "axe" in window))) await page.evaluate(AXE);
  const { violations, incomplete } = await page.evaluate((options) => {
    const { axe } = window as unknown as { axe: Axe };
    return axe.run(document, options);
  }, { resultTypes: ["violations", "incomplete"] });
  const serious = ({ impact }: Finding): boolean => impact === "serious" || impact === "critical";
  const told = [...violations, ...incomplete.filter(({ id }) => id !== CONTRAST)].filter(serious);
  const open = incomplete.filter(({ id }) => id === CONTRAST).flatMap(({ nodes }) => nodes);
  const decided = await page.evaluate(
    contrastFindings,
    open.map(({ target, any }) => ({ selector: String(target[0]), wanted: Number.parseFloat(any[0]?.data?.expectedContrastRatio ?? "4.5") })),
  );
  return [
    ...told.flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary ?? ""}`)),
    ...open.flatMap(({ html }, i) => (decided[i] == null ? [] : [`${CONTRAST}: ${html} ${decided[i]}`])),
  ];
}

/** Pixels by which the page is wider than the screen, or what stands on it than its own frame. */
export function overflow(page: Page): Promise<number> {
  return page.evaluate(() => {
    const frames = [document.documentElement, ...document.querySelectorAll("main, aside, dialog[open], [role=radiogroup]")];
    return Math.max(...frames.map((frame) => frame.scrollWidth - frame.clientWidth));
  });
}
