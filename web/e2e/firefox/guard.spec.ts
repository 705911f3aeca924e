// What Firefox's pages are held to, seen to be noticed, in one browser.

import { Firefox } from "../harness/firefox.ts";
import { expectKeptPromises, Promises } from "../harness/promises.ts";
import { expect, test } from "../harness/test.ts";
import { until } from "../harness/until.ts";
import { Wrongdoers, WRONGS } from "../harness/wrongs.ts";

test("Firefox tells of the same wrongs as Chromium, and of nothing when there is none", async () => {
  const wrongdoers = new Wrongdoers();
  const fox = await Firefox.start("fox", 1500, "about:blank");
  const visit = async (script: string): Promise<Promises> => {
    const origin = await wrongdoers.serve(script);
    const promises = fox.holdTo(origin);
    await fox.page.goto(origin);
    await until("the page has done it", 5_000, async () => (await fox.page.title()) === "done" || undefined);
    return promises;
  };
  try {
    for (const { what, script, told } of WRONGS) {
      const { broken } = await visit(script);
      await expect.poll(() => broken.join("\n"), what).toMatch(told);
      await expect(expectKeptPromises(fox), what).rejects.toThrow(told);
    }
    await visit("fetch('/').then(done)");
    await expectKeptPromises(fox);
  } finally {
    await fox.close();
    wrongdoers.close();
  }
});
