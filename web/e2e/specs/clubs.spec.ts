// Clubs: founded, joined by asking, with rooms for members alone; and who is banned finds neither.

import { expect, test } from "../harness/house.ts";
import { expectGoodLooks } from "../harness/look.ts";
import { Room } from "../harness/pages/room.ts";

test("somebody asks to join, having read the rules, is let in, and finds the room for members that others do not find", async ({ house }) => {
  const [ann, ben, cleo] = await house.members("ann", "ben", "cleo");
  const { page } = ann;
  await page.goto("/clubs");
  await expect(page.getByText("People who come back to the same table")).toBeVisible();
  await expectGoodLooks(page, "clubs-none");
  await page.getByRole("link", { name: "Start a club" }).click();
  await page.getByLabel("Name", { exact: true }).fill("Early birds");
  await page.getByLabel("What it is about").fill("Before the city wakes");
  await page.getByRole("radio", { name: "By asking" }).check();
  await page.getByLabel("Rule 1").fill("One speaks at a time");
  await expectGoodLooks(page, "club-new");
  await page.getByRole("button", { name: "Start the club" }).click();
  await expect(page.getByRole("heading", { name: "Early birds", level: 1 })).toBeVisible();
  const { pathname } = new URL(page.url());

  await ben.page.goto("/clubs");
  await ben.page.getByRole("link", { name: /Early birds/ }).click();
  await ben.page.getByRole("button", { name: "Ask to join" }).click();
  const rules = ben.page.getByRole("dialog", { name: "Before you join Early birds" });
  await expect(rules.getByRole("listitem")).toHaveText(["One speaks at a time"]);
  await expectGoodLooks(ben.page, "club-rules");
  await rules.getByRole("button", { name: "I agree, ask to join" }).click();
  await expect(ben.page.getByText("You asked to be let in")).toBeVisible();

  // Taken back once, and meant the second time: whoever goes on to another page does not wait.
  await page.getByRole("button", { name: "Let in: ben" }).click();
  await page.getByRole("button", { name: "Undo, ben" }).click();
  await page.getByRole("button", { name: "Let in: ben" }).click();
  await expectGoodLooks(page, "club-letting-in");
  await page.getByRole("button", { name: "Back" }).click();
  await page.getByRole("link", { name: /Early birds/ }).click();
  await expect(page.getByText("2 members")).toBeVisible();
  await expect(ben.page.getByRole("button", { name: "Leave the club" })).toBeVisible();

  await page.getByRole("button", { name: "Start a room" }).click();
  const sheet = page.getByRole("dialog", { name: "Start a room" });
  await sheet.getByLabel("What about? Optional").fill("First light");
  await sheet.getByRole("radio", { name: "Members of the club" }).check();
  await sheet.getByRole("button", { name: "Open the door" }).click();
  const stage = new Room(page, "First light");
  await stage.expectInside();

  await ben.hallway.open();
  await expect(ben.hallway.card("First light").getByRole("link", { name: "Early birds" })).toBeVisible();
  await expectGoodLooks(ben.page, "hallway-club");
  const room = await ben.hallway.enter("First light");
  await room.expectShown(["ann", "ben"]);
  // The same server shows cleo what is open, so what she does not see she was not shown.
  await cleo.hallway.start({ title: "For everyone" });
  await cleo.hallway.open();
  await expect(cleo.hallway.card("For everyone")).toBeVisible();
  await expect(cleo.hallway.card("First light")).toHaveCount(0);

  // Out of the room at once, and out of the club with its end.
  const ofBen = await stage.sheet("ben");
  await ofBen.getByRole("group", { name: "Ban from the club" }).getByRole("button", { name: "For a week" }).click();
  await expect(ben.page.getByRole("heading", { name: /^You were removed from this room/ })).toBeVisible();
  await stage.leave();
  await ben.page.goto(pathname);
  await expect(ben.page.getByRole("heading", { name: "There is no such club" })).toBeVisible({ timeout: 20_000 });
});
