// A page that its system ended without a word, and that is opened again: on its seat, and silent until it is touched,
// where the browser wants that.

import { chromium } from "@playwright/test";
import { CHROMIUM_ARGS, chromiumPath } from "../harness/browsers.ts";
import { expect, type Member, test } from "../harness/house.ts";
import { expectHears } from "../harness/hearing.ts";
import { expectGoodLooks } from "../harness/look.ts";
import { Room } from "../harness/pages/room.ts";
import { createPerson } from "../harness/person.ts";
import { expectKeptPromises } from "../harness/promises.ts";

// Whatever looks into a page touches it, and a page that was touched may play.
test.use({ trace: "off", screenshot: "off" });
test.setTimeout(180_000);

test("a tab that the system threw out and brings back is on its seat, and asks for the tap that its browser wants", async ({ house, server }) => {
  const olga = await house.member("olga");
  const stage = await olga.hallway.start({ title: "In the pocket" });
  await stage.setMicrophone("open");
  // A browser as people have it: no sound from a page that nobody has touched.
  const args = CHROMIUM_ARGS.map((argument) => argument.replace("no-user-gesture-required", "document-user-activation-required"));
  const browser = await chromium.launch({ executablePath: chromiumPath(), args });
  try {
    const ann = await house.welcome(await createPerson(browser, server.origin, "ann", 770));
    const room = await ann.hallway.enter("In the pocket");
    await expectHears(ann, [olga.tone]);
    await expect(ann.page.getByRole("button", { name: "Tap to listen" }), "the tap that entered is enough").toBeHidden();
    await room.raiseHand();

    const back = await thrownOutAndBack(ann);
    const again = new Room(back.page, "In the pocket");
    await again.expectInside();
    await expect(again.hand).toHaveAttribute("aria-pressed", "true");
    await stage.expectShown(["olga", "ann"]);
    const tap = back.page.getByRole("button", { name: "Tap to listen" });
    await expect(tap).toBeVisible();
    await expectGoodLooks(back.page, "tap-to-listen");
    await tap.click();
    await expect(tap).toBeHidden();
    await expectHears(back, [olga.tone]);
    await expectKeptPromises(back);
  } finally {
    await browser.close();
  }
});

/** Without a word from the page its process ends; the browser opens the tab anew, with the storage that it had. */
async function thrownOutAndBack(person: Member): Promise<Member> {
  const address = person.page.url();
  const storage = await person.page.evaluate(() => ({ ...sessionStorage }));
  const crashed = person.page.waitForEvent("crash");
  const devtools = await person.context.newCDPSession(person.page);
  devtools.send("Page.crash").catch(() => undefined);
  await crashed;
  const page = await person.context.newPage();
  await page.addInitScript((kept) => Object.assign(sessionStorage, kept), storage);
  await page.addInitScript(() => {
    const play = HTMLMediaElement.prototype.play;
    HTMLMediaElement.prototype.play = function () {
      // Muted elements are the ears' own.
      if (!this.muted) this.addEventListener("canplaythrough", () => console.info(`loaded: ${this.paused ? "paused" : "plays"}`));
      return Reflect.apply(play, this, []);
    };
  });
  // To ask a page anything counts as a touch: until a voice has come that it may not play, it is only listened to.
  const loaded = page.waitForEvent("console", (said) => said.text().startsWith("loaded: "));
  await page.goto(address);
  expect((await loaded).text()).toBe("loaded: paused");
  return { ...person, page, run: (script, argument) => page.evaluate(script as (argument: unknown) => never, argument) };
}
