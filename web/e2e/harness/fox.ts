// A Firefox beside the Chromium of everybody else.

import type { TestInfo } from "@playwright/test";
import { Firefox } from "./firefox.ts";
import { ask, connections, watch } from "./hearing.ts";
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

/**
 * What stood on the page when the test failed, and what came in: whether packets do is the first thing to know. What cannot be
 * asked any more says so in its place, and never covers what the test said.
 */
async function show(fox: Firefox, info: TestInfo): Promise<void> {
  const { page } = fox;
  const attach = async (name: string, contentType: string, body: () => Promise<string | Buffer>): Promise<void> =>
    info.attach(name, await body().then((found) => ({ body: found, contentType }), (error: unknown) => ({ body: String(error), contentType: "text/plain" })));
  await attach("fox", "image/png", async () => Buffer.from(await page.screenshot()));
  await attach("fox.html", "text/html", () => page.evaluate(() => document.documentElement.outerHTML));
  await attach("fox, connections", "application/json", async () => JSON.stringify(await connections(fox)));
  await attach("fox, tracks", "application/json", async () => JSON.stringify(await ask(fox, () => window.ears.hear(), undefined)));
  await attach("fox, played", "application/json", async () => JSON.stringify(await watch(fox, 1_000)));
}

export { expect } from "./house.ts";
