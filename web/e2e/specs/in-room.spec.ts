// What is written and counted in a room beside the talk: the line under the title, the card, and who talked how long.

import type { Locator, Page } from "@playwright/test";
import { expect, test } from "../harness/house.ts";

test.describe.configure({ timeout: 120_000 });

async function menu(page: Page): Promise<Locator> {
  await page.getByRole("button", { name: /^This room/ }).click();
  return page.getByRole("dialog", { name: "This room" });
}

test("what is being talked about and a card are there for everybody, and nobody's page asks where the card leads", async ({ house }) => {
  const [olga, ann, ben] = await house.members("olga", "ann", "ben");
  const asked: string[] = [];
  for (const { page } of [olga, ann, ben]) page.on("request", (request) => asked.push(request.url()));
  const stage = await olga.hallway.start({ title: "Harbour" });
  const room = await ann.hallway.enter("Harbour");

  const about = (await menu(stage.page)).getByLabel("What you are talking about now");
  await about.fill("How the boats come in");
  await about.press("Enter");
  await expect(room.page.getByText("How the boats come in", { exact: true })).toBeVisible();
  // Whoever comes later sees it, and how old it is.
  const later = await ben.hallway.enter("Harbour");
  await expect(later.page.getByRole("paragraph").filter({ hasText: "How the boats come in" })).toHaveText("Now talking about How the boats come in since just now");

  await (await menu(stage.page)).getByRole("button", { name: /^Pinned card/ }).click();
  const sheet = stage.page.getByRole("dialog", { name: "This room" });
  await sheet.getByLabel("What it says").fill("The boats of today,\nand where they tie up.");
  await sheet.getByLabel("Link, if there is one").fill("boats today");
  await sheet.getByRole("button", { name: "Pin it up" }).click();
  await expect(sheet.getByRole("alert")).toContainText("https://");
  await sheet.getByLabel("Link, if there is one").fill("Boats.example.org/today");
  await sheet.getByRole("button", { name: "Pin it up" }).click();
  const card = room.page.getByRole("complementary", { name: "Pinned card" });
  await expect(card).toContainText("and where they tie up.");
  const link = card.getByRole("link", { name: "Opens boats.example.org in a new tab" });
  await expect(link).toHaveAttribute("href", "https://boats.example.org/today");
  await expect(link).toHaveAttribute("rel", "noopener noreferrer");
  await expect(link).toHaveAttribute("target", "_blank");

  // Put away by keyboard, for me alone, until another one is pinned up.
  await card.getByRole("button", { name: "Put the card away" }).focus();
  await room.page.keyboard.press("Enter");
  await expect(card).toHaveCount(0);
  await expect(room.page.getByRole("button", { name: "Show the pinned card" })).toBeFocused();
  await expect(later.page.getByRole("complementary", { name: "Pinned card" })).toBeVisible();
  await (await menu(stage.page)).getByRole("button", { name: /^Pinned card/ }).click();
  await sheet.getByLabel("What it says").fill("No boats tomorrow.");
  await sheet.getByRole("button", { name: "Pin it up" }).click();
  await expect(card).toContainText("No boats tomorrow.");
  expect(asked.filter((url) => url.includes("boats"))).toEqual([]);
});

test("people write to the room once those who keep order let them, and what somebody wrote goes with them", async ({ house }) => {
  const [olga, ann, ben] = await house.members("olga", "ann", "ben");
  const stage = await olga.hallway.start({ title: "Written" });
  const room = await ann.hallway.enter("Written");
  const other = await ben.hallway.enter("Written");
  const box = (page: Page): Locator => page.getByRole("region", { name: /^Room chat/ });
  await expect(box(room.page)).toHaveCount(0);

  await (await menu(stage.page)).getByRole("radio", { name: "Everybody writes to the room" }).check();
  await stage.page.keyboard.press("Escape");
  const field = box(room.page).getByLabel("Write to the room");
  await field.fill("Good morning");
  await field.press("Enter");
  await expect(field).toHaveValue("");
  for (const { page } of [stage, room, other]) await expect(box(page).getByRole("listitem")).toContainText("Good morning");
  await field.fill("And again");
  await field.press("Enter");
  await expect(box(room.page).getByRole("alert")).toContainText("A moment, please.");

  const theirs = box(other.page).getByLabel("Write to the room");
  await theirs.fill("Buy my boats");
  await theirs.press("Enter");
  await expect(box(stage.page).getByRole("listitem")).toHaveCount(2);
  await expect(box(room.page).getByRole("button", { name: "Take away what ben wrote: Buy my boats" })).toHaveCount(0);
  await box(stage.page).getByRole("button", { name: "Take away what ben wrote: Buy my boats" }).click();
  for (const { page } of [stage, room, other]) await expect(box(page).getByRole("listitem")).toHaveCount(1);
  await room.leave();
  await expect(box(stage.page).getByText("Nobody has written anything yet.")).toBeVisible();
});

test("who talked how long is there for those who keep order, while they look", async ({ house }) => {
  const [olga, ann] = await house.members("olga", "ann");
  const stage = await olga.hallway.start({ title: "Floor" });
  const room = await ann.hallway.enter("Floor");
  await stage.setMicrophone("open");
  await expect(room.person("olga")).toHaveAccessibleName(/speaking/);
  await (await menu(stage.page)).getByRole("button", { name: /^Who talked how long/ }).click();
  const times = stage.page.getByRole("region", { name: "Who talked how long" });
  await expect(times.getByRole("listitem")).toHaveText(/olga\s*[1-9]\d* seconds?/, { timeout: 20_000 });
  await expect((await menu(room.page)).getByRole("button", { name: /^Who talked how long/ })).toHaveCount(0);
});
