// What a page shows for a moment only: a test that is busy elsewhere, or on a busy machine, would look too late.

import { expect, type Page } from "@playwright/test";

/** From now on the page itself notes whether this text comes; what is given back waits until it has come. */
export async function lookOut(page: Page, text: string): Promise<() => Promise<void>> {
  const seen = await page.evaluateHandle((wanted) => {
    const noted = { it: false };
    const look = (): void => void (noted.it ||= document.body.textContent?.includes(wanted) ?? false);
    new MutationObserver(look).observe(document.body, { subtree: true, childList: true, characterData: true });
    return noted;
  }, text);
  return () => expect.poll(() => seen.evaluate(({ it }) => it), `“${text}” is shown`).toBe(true);
}
