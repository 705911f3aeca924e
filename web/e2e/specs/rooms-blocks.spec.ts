// A safety block: for whoever is blocked the other is not there, nobody is hidden, and no answer says why.

import { block, expect, type Member, test } from "../harness/house.ts";
import { expectHears } from "../harness/hearing.ts";

/** What a page says to somebody, without what it is called. */
async function said(member: Member, path: string): Promise<string> {
  await member.page.goto(path);
  const main = member.page.getByRole("main");
  if (path.startsWith("/r/")) await member.page.getByRole("button", { name: "Come in" }).click();
  await expect(main.getByRole("heading", { name: /^(Nobody of that name is here|There is no room here)$/ })).toBeVisible();
  return main.ariaSnapshot();
}

test("who is blocked finds neither the person nor their room, listens where that person only speaks, is seen there, and does not come up", async ({ house }) => {
  const [olga, ann, ben] = await house.members("olga", "ann", "ben");
  await olga.page.goto("/people/ben");
  await block(olga, "ben");

  expect(await said(ben, "/people/olga")).toBe(await said(ben, "/people/nobody"));
  await olga.hallway.open();
  const hers = await olga.hallway.start({ title: "Olga's" });
  await expect(ann.hallway.card("Olga's")).toBeVisible();
  expect(await said(ben, hers.path)).toBe(await said(ben, "/r/AAAAAAAAAAAAAAAAAAAAAA"));
  await ben.hallway.open();
  const theirs = await ann.hallway.start({ title: "Ann's" });
  await expect(ben.hallway.card("Ann's")).toBeVisible();
  await expect(ben.hallway.card("Olga's")).toHaveCount(0);
  await hers.leave();

  const stage = await olga.hallway.enter("Ann's");
  await stage.raiseHand();
  await theirs.bringUp("olga");
  await stage.comeUp();
  await stage.setMicrophone("open");
  const seat = await ben.hallway.enter("Ann's");
  await expectHears(ben, [olga.tone]);
  await expect(olga.page.getByRole("button", { name: "ben, blocked by you" })).toBeVisible();

  await seat.raiseHand();
  await theirs.bringUp("ben");
  await seat.asked.getByRole("button", { name: "Come up, muted" }).click();
  await seat.expectSaid("That moment has passed.");
  await expect(seat.hand).toHaveAttribute("aria-pressed", "false");
  await expect(seat.microphone).toHaveCount(0);

  // When it is taken back, they come up like anybody.
  await olga.page.getByRole("button", { name: "ben, blocked by you" }).click();
  const sheet = olga.page.getByRole("dialog", { name: "ben" });
  await sheet.getByRole("button", { name: /^Block/ }).click();
  await expect(sheet.getByRole("button", { name: /^Block/ })).toHaveAttribute("aria-pressed", "false");
  await sheet.getByRole("button", { name: "Close" }).click();
  await seat.raiseHand();
  await theirs.bringUp("ben");
  await seat.comeUp();
});

test("whom somebody protected blocks finds no room while they are on stage, by the word for a room that never was", async ({ house }) => {
  const [olga, ann, ben] = await house.members("olga", "ann", "ben");
  await ann.page.goto("/people/ben");
  await block(ann, "ben");
  await ann.hallway.open();

  const { page } = olga;
  await page.goto("/settings/order");
  const protect = async (handle: string): Promise<void> => {
    await page.getByLabel("Protect by handle").fill(handle);
    await page.getByRole("button", { name: "Go on and protect them" }).click();
  };
  await protect("no such person!");
  await expect(page.getByLabel("Protect by handle")).toHaveAttribute("aria-invalid", "true");
  await protect("nobody");
  const nobody = page.getByRole("dialog", { name: "Protect @nobody" });
  await nobody.getByRole("button", { name: "Protect now" }).click();
  await expect(nobody.getByRole("alert")).toHaveText("Nobody here has this handle.");
  await nobody.getByRole("button", { name: "Not now" }).click();
  await protect("@ann");
  await page.getByRole("dialog", { name: "Protect @ann" }).getByRole("button", { name: "Protect now" }).click();
  await expect(page.getByRole("status").getByText("@ann is protected.")).toBeVisible();
  await expect(page.getByRole("button", { name: "Lift the protection of ann" })).toBeVisible();

  await olga.hallway.open();
  const hers = await olga.hallway.start({ title: "Olga's" });
  await ben.hallway.open();
  await expect(ben.hallway.card("Olga's")).toBeVisible();
  const stage = await ann.hallway.enter("Olga's");
  await stage.raiseHand();
  await hers.bringUp("ann");
  await stage.comeUp();
  await expect(ben.hallway.card("Olga's")).toHaveCount(0);
  expect(await said(ben, hers.path)).toBe(await said(ben, "/r/AAAAAAAAAAAAAAAAAAAAAA"));
  await ben.hallway.open();

  await stage.leave();
  await ben.hallway.enter("Olga's");
});
