// Rooms that somebody does not want to see.

import { expect, test } from "../harness/house.ts";

test("who hides a room does not see it until it is over, thinks better of it at once or later, and is asked in all the same", async ({ house }) => {
  const [ann, ben] = await house.members("ann", "ben");
  const stage = await ann.hallway.start({ title: "Fireworks" });
  const page = ben.page;
  const card = ben.hallway.card("Fireworks");

  await page.getByRole("button", { name: "Hide: Fireworks" }).click();
  await expect(card).toBeHidden();
  const again = page.getByRole("button", { name: "Show again: Fireworks" });
  await expect(again).toBeFocused();
  await again.press("Enter");
  await expect(card).toBeVisible();
  await expect(page.getByRole("link", { name: "Fireworks" })).toBeFocused();

  await page.getByRole("button", { name: "Hide: Fireworks" }).press("Enter");
  await page.reload();
  await expect(page.getByText("1 room is hidden from you")).toBeVisible();
  await expect(card).toBeHidden();
  await page.getByRole("button", { name: "Show it", exact: true }).click();
  await expect(card).toBeVisible();
  await expect(page.getByText("hidden from you")).toBeHidden();

  await page.getByRole("button", { name: "Hide: Fireworks" }).click();
  await stage.askIn("ben");
  await expect(card).toBeVisible();
});

test("a room that is over is not hidden any more, and leaves nothing in the tab", async ({ house }) => {
  const [ann, ben] = await house.members("ann", "ben");
  const stage = await ann.hallway.start({ title: "Fireworks" });
  await ben.page.getByRole("button", { name: "Hide: Fireworks" }).click();
  const kept = (): Promise<string | null> => ben.page.evaluate(() => sessionStorage.getItem("vivavoce.hidden"));
  expect(await kept()).not.toBeNull();
  await stage.leave();
  await expect(ben.page.getByRole("button", { name: "Show again: Fireworks" })).toBeHidden();
  // Whether the whole hallway has come is known some seconds after the line has.
  await expect.poll(kept, { timeout: 20_000 }).toBeNull();
});

test("who signs out has hidden nothing from whoever signs in next in that tab", async ({ house }) => {
  const [ann, ben] = await house.members("ann", "ben");
  await ann.hallway.start({ title: "Fireworks" });
  await ben.page.getByRole("button", { name: "Hide: Fireworks" }).click();
  await ben.page.getByRole("link", { name: "You: ben. Settings" }).first().click();
  await ben.page.getByRole("button", { name: "Sign out on this device" }).click();
  await ben.page.getByRole("button", { name: "Sign out anyway" }).click();
  await expect.poll(() => ben.page.evaluate(() => sessionStorage.getItem("vivavoce.hidden"))).toBeNull();
});

test("who hides a topic does not see rooms about it, now or later, on this device, until they want to again", async ({ house }) => {
  const [ann, ben, cleo] = await house.members("ann", "ben", "cleo");
  const stage = await ann.hallway.start({ title: "Fireworks over the lake" });
  const { page } = ben;
  await page.getByRole("button", { name: "Hide: Fireworks over the lake" }).click();
  await page.getByRole("button", { name: "Hide its topic, too" }).press("Enter");
  const words = page.getByRole("textbox", { name: "Words in a title that hide a room from you, on this device" });
  await expect(words).toBeFocused();
  await words.fill("fireworks");
  await words.press("Enter");
  await expect(ben.hallway.card("Fireworks over the lake")).toBeHidden();
  await page.getByRole("button", { name: "Show them: rooms about fireworks" }).press("Enter");
  await expect(page.getByRole("link", { name: "Fireworks over the lake" })).toBeFocused();
  await page.getByRole("button", { name: "Hide: Fireworks over the lake" }).press("Enter");
  await page.getByRole("button", { name: "Hide its topic, too" }).press("Enter");
  await words.fill("fireworks");
  await words.press("Enter");
  await stage.leave();
  await cleo.hallway.start({ title: "No more FIREWORKS please" });
  await cleo.page.getByRole("contentinfo", { name: "You in this room" }).waitFor();
  await expect(page.getByText("Rooms about fireworks are hidden from you.")).toBeVisible();
  await expect(ben.hallway.card("No more FIREWORKS please")).toBeHidden();
  await page.reload();
  await page.getByRole("button", { name: "Show them: rooms about fireworks" }).press("Enter");
  await expect(page.getByRole("link", { name: "No more FIREWORKS please" })).toBeFocused();
});
