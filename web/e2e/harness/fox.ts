// A Firefox beside the Chromium of everybody else.

import type { TestInfo } from "@playwright/test";
import { Firefox } from "./firefox.ts";
import { ask } from "./hearing.ts";
import { test as base } from "./house.ts";
import { expectKeptPromises } from "./promises.ts";

export const test = base.extend<{ fox: Firefox }>({
  fox: async ({ origin }, use, info) => {
    const fox = await Firefox.start("fox", 1500, origin);
    try {
      await use(fox);
      // Playwright keeps what its own pages showed, and knows nothing of this one.
      if (info.status !== info.expectedStatus) await show(fox, info);
      await expectKeptPromises(fox);
    } finally {
      await fox.close();
    }
  },
});

/** What stood on the page when the test failed, and what came in: whether packets do is the first thing to know. */
async function show(fox: Firefox, info: TestInfo): Promise<void> {
  const { page } = fox;
  await info.attach("fox", { body: Buffer.from(await page.screenshot()), contentType: "image/png" });
  await info.attach("fox.html", { body: await page.evaluate(() => document.documentElement.outerHTML), contentType: "text/html" });
  const sound = async () => ({ connections: await window.ears.connections(), hears: window.ears.hear(), plays: await window.ears.watch(1000) });
  await info.attach("fox.json", { body: JSON.stringify(await ask(fox, sound, undefined)), contentType: "application/json" });
}

export { expect } from "./house.ts";
