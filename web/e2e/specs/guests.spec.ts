// Somebody without an account takes a seat with one link, is heard, and leaves nothing behind.

import type { Locator } from "@playwright/test";
import { expect, type Member, test } from "../harness/house.ts";
import { expectHears } from "../harness/hearing.ts";
import { Room } from "../harness/pages/room.ts";
import { shownLink } from "../harness/pages/settings.ts";
import type { Person } from "../harness/person.ts";

test.describe.configure({ timeout: 180_000 });

const TITLE = "Just us";

/** The sheet in which guests are invited. */
async function guests(host: Member): Promise<Locator> {
  const sheet = host.page.getByRole("dialog", { name: "Invite somebody" });
  if (!(await sheet.isVisible())) await host.page.getByRole("button", { name: "Invite somebody", exact: true }).first().click();
  await expect(sheet).toBeVisible();
  return sheet;
}

async function linkFor(host: Member, name: string): Promise<string> {
  const sheet = await guests(host);
  await sheet.getByRole("textbox", { name: "What the guest is called" }).fill(name);
  await sheet.getByRole("button", { name: "Make a link" }).click();
  await expect(sheet.getByText("Send this to your guest alone", { exact: false })).toBeVisible();
  const link = await shownLink(host.page);
  await sheet.getByRole("button", { name: "Close" }).click();
  return link;
}

async function comesIn({ page }: Person, link: string, as?: string): Promise<Room> {
  await page.goto(link);
  await expect(page.getByRole("heading", { name: "olga invites you to “Just us”" })).toBeVisible();
  if (as !== undefined) await page.getByRole("textbox", { name: "Your name, as the others see it" }).fill(as);
  await page.getByRole("button", { name: "Come in" }).click();
  const room = new Room(page, TITLE);
  await room.expectInside();
  return room;
}

/** What a browser keeps of a page that is left. */
async function keeps({ page, context }: Person): Promise<unknown> {
  const stored = await page.evaluate(() => [Object.keys(localStorage), Object.keys(sessionStorage), location.href]);
  return { cookies: await context.cookies(), stored };
}

test("a guest checks the sound, corrects their name, is asked up, and is heard; nothing is left when they go", async ({ house, calm }) => {
  const [olga] = await house.members("olga", "ann");
  const stage = await olga.hallway.start({ title: TITLE, who: "Only people I pick", ask: ["ann"] });
  await stage.setMicrophone("open");
  const link = await linkFor(olga, "Sam");

  const sam = await calm("sam");
  await sam.page.goto(link);
  await expect(sam.page.getByRole("textbox", { name: "Your name, as the others see it" })).toHaveValue("Sam");
  await expect(sam.page, "its secret does not stand in the address").toHaveURL(/\/g$/);
  await sam.page.getByRole("button", { name: "Try the microphone" }).click();
  await expect(sam.page.getByText("the bar moves when the microphone hears you", { exact: false })).toBeVisible();
  const room = await comesIn(sam, link, "Dr Sam");
  await room.comeUp();
  await room.setMicrophone("open");
  await expectHears(olga, [sam.tone]);
  await expectHears(sam, [olga.tone]);
  await expect(stage.person("Dr Sam")).toHaveAccessibleName(/^Dr Sam, guest of olga/);
  await expect(sam.page.getByRole("button", { name: "Invite somebody" })).toHaveCount(0);
  await expect(sam.page.getByRole("link")).toHaveCount(0);

  // A page that is loaded anew has the same seat.
  await sam.page.reload();
  await room.expectInside();
  await expectHears(sam, [olga.tone]);

  await room.page.getByRole("button", { name: "Leave quietly" }).click();
  await expect(sam.page.getByRole("heading", { name: "Thank you for coming" })).toBeVisible();
  await stage.expectShown(["olga"]);
  expect(await keeps(sam)).toEqual({ cookies: [], stored: [[], [], expect.stringMatching(/\/g$/)] });
  await sam.page.goto(link);
  await expect(sam.page.getByRole("heading", { name: "This link has been used" })).toBeVisible();
});

test("a link is used up by who comes first, and one that is taken back ends the visit with a kind word", async ({ house, calm }) => {
  const [olga] = await house.members("olga", "ann");
  await olga.hallway.start({ title: TITLE, who: "Only people I pick", ask: ["ann"] });
  const [first, second] = [await linkFor(olga, "Sam"), await linkFor(olga, "Kim")];
  const [sam, eve] = [await calm("sam"), await calm("eve")];
  const room = await comesIn(sam, first);
  await room.comeUp();
  await eve.page.goto(first);
  await expect(eve.page.getByRole("heading", { name: "This link has been used" })).toBeVisible();

  const sheet = await guests(olga);
  const given = sheet.getByRole("list", { name: "Your guests" }).getByRole("listitem");
  await expect(given).toContainText(["In the room.", "Has not come yet."]);
  await sheet.getByRole("button", { name: "Take back the link of Kim" }).click();
  await expect(given.nth(1)).toContainText(/A guest.*Taken back/);
  await eve.page.goto("/g");
  await eve.page.goto(second);
  await expect(eve.page.getByRole("heading", { name: "This link does not work" })).toBeVisible();

  await sheet.getByRole("button", { name: "End the visit of Sam" }).click();
  await expect(sam.page.getByRole("heading", { name: "Your visit has ended" })).toBeVisible();
  expect(await keeps(sam)).toEqual({ cookies: [], stored: [[], [], expect.stringMatching(/\/g$/)] });
});

test("a tab in which somebody was elsewhere before, a name that is none, and a link that somebody else was quicker with", async ({ house, calm }) => {
  const [olga] = await house.members("olga", "ann");
  await olga.hallway.start({ title: TITLE, who: "Only people I pick", ask: ["ann"] });
  const link = await linkFor(olga, "Sam");
  const [sam, eve] = [await calm("sam"), await calm("eve")];
  const heading = { name: "olga invites you to “Just us”" };

  // Whoever has an account here has words that hide rooms, and was in one in this tab.
  await eve.page.goto("/");
  await eve.page.evaluate(() => {
    sessionStorage.setItem("vivavoce.seat", JSON.stringify(["AAAAAAAAAAAAAAAAAAAAAQ", "BBBBBBBBBBBBBBBBBBBBBg"]));
    localStorage.setItem("vivavoce.topics", JSON.stringify(["spiders"]));
  });
  await eve.page.goto(link);
  await expect(eve.page.getByRole("heading", heading)).toBeVisible();
  await expect(eve.page.getByRole("button", { name: "Come in" }), "they are on the way into no other room").toBeVisible();

  await sam.page.goto(link);
  const name = sam.page.getByRole("textbox", { name: "Your name, as the others see it" });
  const comeIn = sam.page.getByRole("button", { name: "Come in" });
  for (const none of [" ", "a\u200bb"]) {
    await name.fill(none);
    await comeIn.click();
    await expect(sam.page.getByText("That name cannot be used.", { exact: false })).toBeVisible();
    await expect(name).toHaveAttribute("aria-invalid", "true");
  }
  await name.fill("Sam");
  await comeIn.click();
  await new Room(sam.page, TITLE).expectInside();

  await eve.page.getByRole("button", { name: "Come in" }).click();
  await expect(eve.page.getByRole("heading", { name: "This link has been used" })).toBeVisible();
  const kept = await eve.page.evaluate(() => [localStorage.getItem("vivavoce.topics"), ...Object.keys(sessionStorage)]);
  expect(kept, "what a member hides stays, and of the link nothing").toEqual(['["spiders"]']);
});

test("a page that comes only in part says so, and the link is not in its address", async ({ house, calm }) => {
  const [olga] = await house.members("olga", "ann");
  await olga.hallway.start({ title: TITLE, who: "Only people I pick", ask: ["ann"] });
  const link = await linkFor(olga, "Sam");
  const sam = await calm("sam");
  await sam.page.route(/\/assets\/(en\.)?sheets-/, (route) => route.abort());
  await sam.page.goto(link);
  await expect(sam.page).toHaveURL(/\/g$/);
  await sam.page.unroute(/\/assets\/(en\.)?sheets-/);
  await sam.page.getByRole("button", { name: "Reload" }).click();
  await expect(sam.page.getByRole("heading", { name: "olga invites you to “Just us”" })).toBeVisible();
  await expect(sam.page).toHaveURL(/\/g$/);
});
