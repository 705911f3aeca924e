// Muting somebody for oneself and blocking them: wherever they are met, said before it is done, undone, and nobody told.

import { block, expect, type Member, test } from "../harness/house.ts";
import { expectGoodLooks } from "../harness/look.ts";

/** The menu of somebody in a list. */
async function menu({ page }: Member, name: string) {
  await page.getByRole("button", { name: `More about ${name}`, exact: true }).click();
  const sheet = page.getByRole("dialog", { name, exact: true });
  await expect(sheet.getByRole("heading", { name })).toBeFocused();
  return sheet;
}

test("whoever is met in a list, on a profile or in a room can be muted and blocked there, and who blocks is told first what it does", async ({ house }) => {
  const [olga, ann, ben] = await house.members("olga", "ann", "ben");
  const { page } = ann;
  await page.goto("/people/ben");
  await page.getByRole("button", { name: "Follow ben" }).click();
  await expect(page.getByRole("button", { name: "Stop following ben" })).toBeVisible();

  // In a search, by keys.
  await page.goto("/people");
  await page.getByLabel("Name or handle").fill("ben");
  const sheet = await menu(ann, "ben");
  await sheet.getByRole("button", { name: /^Block For them/ }).press("Enter");
  const sure = sheet.getByRole("group", { name: "Block ben?" });
  await expect(sure.getByText("Neither of you follows the other any more. They are not told.")).toBeFocused();
  await expectGoodLooks(page, "block-asked");
  await sure.getByRole("button", { name: "Not now" }).press("Enter");
  await expect(sheet.getByRole("button", { name: /^Block For them/ })).toBeFocused();
  await page.keyboard.press("Escape");
  await expect(page.getByRole("button", { name: "More about ben" })).toBeFocused();

  // On a profile: done, thought better of, and as it was.
  await page.goto("/people/ben");
  await block(ann, "ben");
  await expect(page.getByRole("button", { name: "Follow ben" })).toBeVisible();
  const undo = page.getByRole("group", { name: "ben is blocked" }).getByRole("button", { name: "Undo" });
  await expect(undo).toBeFocused();
  await expectGoodLooks(page, "block-done");
  await undo.press("Enter");
  await expect(page.getByRole("button", { name: /^Block For them/ })).toBeFocused();
  await expect(page.getByRole("button", { name: "Stop following ben" })).toBeVisible();

  // Among followers, and in a room, somebody who only listens included.
  await olga.page.goto("/people/ben/followers");
  await expect((await menu(olga, "ann")).getByRole("button", { name: /^Mute for me/ })).toBeVisible();
  await olga.hallway.open();
  const room = await olga.hallway.start({ title: "Everybody" });
  await ben.hallway.enter("Everybody");
  const shown = await room.sheet("ben");
  await expect(shown.getByRole("button", { name: /^Mute for me/ })).toBeVisible();
  await expect(shown.getByRole("button", { name: /^Block For them/ })).toBeVisible();
});

test("who is muted for me stands in the settings and is heard again from there, and the other sees no difference", async ({ house }) => {
  const [ann, ben] = await house.members("ann", "ben");
  const { page } = ann;
  await ben.page.goto("/people/ann");
  await expect(ben.page.getByRole("button", { name: "Follow ann" })).toBeVisible();
  const before = await ben.page.getByRole("main").ariaSnapshot();

  await page.goto("/people");
  await page.getByLabel("Name or handle").fill("ben");
  const sheet = await menu(ann, "ben");
  const mute = sheet.getByRole("button", { name: /^Mute for me/ });
  await mute.click();
  await expect(mute).toHaveAttribute("aria-pressed", "true");
  await ben.page.reload();
  await expect(ben.page.getByRole("button", { name: "Follow ann" })).toBeVisible();
  expect(await ben.page.getByRole("main").ariaSnapshot()).toBe(before);

  await page.goto("/settings/blocks");
  await expect(page.getByRole("heading", { name: "People muted for you" })).toBeVisible();
  await expectGoodLooks(page, "settings-muted");
  await page.getByRole("button", { name: "Unmute @ben" }).click();
  await expect(page.getByText("You hear everybody.")).toBeVisible();
  await page.goto("/people/ben");
  await expect(page.getByRole("button", { name: /^Mute for me/ })).toHaveAttribute("aria-pressed", "false");
});
