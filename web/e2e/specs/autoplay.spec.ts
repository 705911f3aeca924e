// The browser as people have it: no sound before the first tap on a page.

import { chromium, type Browser } from "@playwright/test";
import { chromiumPath, STRICT_ARGS } from "../harness/browsers.ts";
import { expectHears } from "../harness/hearing.ts";
import { expect, type House, type Member, test as base } from "../harness/house.ts";
import type { Room } from "../harness/pages/room.ts";
import { createPerson, type Person } from "../harness/person.ts";
import { expectKeptPromises } from "../harness/promises.ts";
import { until } from "../harness/until.ts";

const test = base.extend<{ strict: Browser; ann: Person }>({
  strict: async ({}, use) => {
    const browser = await chromium.launch({ executablePath: chromiumPath(), args: STRICT_ARGS });
    await use(browser);
    await browser.close();
  },
  ann: async ({ strict, server }, use) => {
    const ann = await createPerson(strict, server.origin, "ann", 560);
    await use(ann);
    await expectKeptPromises(ann);
    await ann.context.close();
  },
});
// To look at a page for its trace counts as a tap.
test.use({ trace: "off" });

async function talks(house: House): Promise<[Member, Room]> {
  const olga = await house.member("olga");
  const stage = await olga.hallway.start({ title: "One tap" });
  await stage.setMicrophone("open");
  return [olga, stage];
}

test("the tap that enters a room lets its sound out, and no other is asked for", async ({ house, ann }) => {
  const [olga] = await talks(house);
  const { hallway } = await house.welcome(ann);
  const room = await hallway.enter("One tap");
  await expectHears(ann, [olga.tone]);
  await expect(room.page.getByRole("button", { name: "Tap to listen" })).toHaveCount(0);
});

test("where a browser wants one tap more, the room says so, and then it is heard", async ({ house, ann }) => {
  const [olga, stage] = await talks(house);
  await house.signUp(ann);
  // In without a tap, as when a browser gives the page another reason to doubt it.
  await ann.context.addInitScript(() => {
    new MutationObserver(() => {
      const buttons = [...document.querySelectorAll("button")];
      buttons.find((button) => button.textContent?.trim() === "Come in" && !button.disabled)?.click();
    }).observe(document, { subtree: true, childList: true, attributes: true });
  });
  await ann.page.goto(stage.path);
  // What Playwright evaluates counts as a tap; what is asked this way does not.
  const devtools = await ann.context.newCDPSession(ann.page);
  const ask = async (expression: string): Promise<unknown> => (await devtools.send("Runtime.evaluate", { expression })).result.value;
  const isAsked = `[...document.querySelectorAll("button")].some((button) => button.textContent?.trim() === "Tap to listen")`;
  await until("the room asks for a tap", 10_000, async () => ((await ask(isAsked)) === true ? true : undefined));
  expect(await ask("navigator.userActivation.hasBeenActive"), "and nobody has tapped").toBe(false);
  expect(await ask("ears.hear().tracks.some(({ played }) => played)"), "nothing is played yet").toBe(false);

  const tap = ann.page.getByRole("button", { name: "Tap to listen" });
  await tap.click();
  await expect(tap).toHaveCount(0);
  await expectHears(ann, [olga.tone]);
});
