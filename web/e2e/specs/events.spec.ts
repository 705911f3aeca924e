// Announced events, from the announcement to the room: who sees them, who is told what, and who is heard in the end.

import type { Page } from "@playwright/test";
import { expectHears } from "../harness/hearing.ts";
import { expect, test } from "../harness/house.ts";
import { expectGoodLooks } from "../harness/look.ts";
import { pick } from "../harness/pages/picker.ts";
import { Room } from "../harness/pages/room.ts";

/** As a field of date and time takes it, on the clock of the page. */
function inMinutes(page: Page, minutes: number): Promise<string> {
  return page.evaluate((minutes) => {
    const at = new Date(Date.now() + minutes * 60_000);
    return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
  }, minutes);
}

test("an event is announced, its people meet in the green room, and whoever wanted to come is let in when the doors open", async ({ house }) => {
  const [ann, ben, cleo] = await house.members("ann", "ben", "cleo");
  const { page } = ann;
  await page.goto("/events/new");
  await page.getByLabel("What is it about").fill("A reading");
  await page.getByLabel("More about it").fill("Poems.\nAnd tea.");
  await page.getByLabel("When does it begin").fill(await inMinutes(page, 40));
  await pick(page.getByRole("main"), "ben");
  await expectGoodLooks(page, "announce");
  await page.getByRole("button", { name: "Announce an event" }).click();
  await expect(page.getByRole("heading", { name: "A reading", level: 1 })).toBeVisible();
  await expect(page.getByText("From a quarter of an hour before")).toBeVisible();

  await cleo.hallway.open();
  await cleo.page.getByRole("link", { name: /A reading/ }).click();
  await expect(cleo.page.getByText("Poems.")).toBeVisible();
  await cleo.page.getByRole("button", { name: "I'd like to come" }).click();
  await expect(cleo.page.getByRole("button", { name: "You'd like to come" })).toBeVisible();
  await expectGoodLooks(cleo.page, "event-coming");
  await cleo.hallway.open();

  // It is moved: whoever wanted to come is told, once.
  await page.getByRole("button", { name: "Change it" }).click();
  await page.getByLabel("When does it begin").fill(await inMinutes(page, 10));
  await page.getByRole("button", { name: "Save the changes" }).click();
  const told = cleo.page.getByRole("region", { name: "News about events" });
  await expect(told).toContainText("A reading begins at another time");
  await told.getByRole("button", { name: "All right" }).first().click();
  await expect(told.getByText("begins at another time")).toHaveCount(0);
  await expect(told).toContainText("A reading begins in");

  await page.getByText("See who would like to come").click();
  await expect(page.getByRole("link", { name: /cleo/ })).toBeVisible();
  await page.getByRole("button", { name: "Open the green room" }).click();
  const stage = new Room(page, "A reading");
  await stage.expectInside();
  await expect(page.getByText("Green room.")).toBeVisible();
  await expectGoodLooks(page, "green-room");

  await ben.hallway.open();
  const seat = await ben.hallway.enter("A reading");
  await seat.comeUp();
  await stage.setMicrophone("open");
  await expectHears(ben, [ann.tone]);
  await expect(cleo.hallway.card("A reading")).toHaveCount(0);

  await page.getByRole("button", { name: "Open the doors" }).click();
  await expect(cleo.hallway.card("A reading").getByText("Announced for today")).toBeVisible();
  await cleo.page.getByRole("link", { name: /A reading/ }).last().click();
  await expect(cleo.page.getByRole("heading", { name: "It is on now" })).toBeVisible();
  await cleo.hallway.enter("A reading");
  await expectHears(cleo, [ann.tone]);
  await stage.expectShown(["ann", "ben", "cleo"]);
});

test("an event that is called off says so to whoever wanted to come, and a time that has passed is refused in words", async ({ house }) => {
  const [ann, ben] = await house.members("ann", "ben");
  await ann.page.goto("/events/new");
  await ann.page.getByLabel("What is it about").fill("Supper");
  await ann.page.getByLabel("When does it begin").fill(await inMinutes(ann.page, -60));
  await ann.page.getByRole("button", { name: "Announce an event" }).click();
  await expect(ann.page.getByRole("alert")).toContainText("That time has passed.");
  await ann.page.getByLabel("When does it begin").fill(await inMinutes(ann.page, 120));
  await ann.page.getByRole("button", { name: "Announce an event" }).click();
  await expect(ann.page.getByRole("heading", { name: "Supper", level: 1 })).toBeVisible();

  await ben.hallway.open();
  await ben.page.getByRole("link", { name: /Supper/ }).click();
  await ben.page.getByRole("button", { name: "I'd like to come" }).click();
  await expect(ben.page.getByText("1 would like to come")).toBeVisible();
  const file = await ben.page.request.get((await ben.page.getByRole("link", { name: "Add to your calendar" }).getAttribute("href")) ?? "");
  expect(await file.text()).toContain("SUMMARY:Supper");
  await ben.hallway.open();

  await ann.page.getByRole("button", { name: "Call it off" }).click();
  await ann.page.getByRole("group", { name: "Call it off?" }).getByRole("button", { name: "Call it off" }).click();
  await expect(ann.page.getByText("Called off.")).toBeVisible();
  await expect(ben.page.getByRole("region", { name: "News about events" })).toContainText("Supper was called off.");

  // The address of one's own calendar, until it is ended.
  await ben.page.goto("/events");
  await ben.page.getByRole("button", { name: "Make an address" }).click();
  const address = (await ben.page.locator("code").textContent()) ?? "";
  const fetched = () => ben.page.request.get(new URL(address).pathname, { headers: { cookie: "" } });
  expect(await (await fetched()).text()).toContain("STATUS:CANCELLED");
  await ben.page.getByRole("button", { name: "End it" }).click();
  await expect(ben.page.getByRole("button", { name: "Make an address" })).toBeVisible();
  expect((await fetched()).status()).toBe(410);
});
