// What the server keeps about somebody, in their hands: seen while it changes, taken along, erased.

import { readFile } from "node:fs/promises";
import type { Page } from "@playwright/test";
import type { Kept } from "../../src/protocol/Kept.ts";
import { bringOnStage, expect, follow, test } from "../harness/house.ts";
import { expectHears, expectNoConnection, expectSilence } from "../harness/hearing.ts";
import { expectSignedOut } from "../harness/pages/signing.ts";

async function open(page: Page): Promise<void> {
  await page.goto("/settings/kept");
  await expect(page.getByRole("heading", { name: "What this server keeps about you" })).toBeVisible();
}

const erase = (page: Page) => page.getByRole("button", { name: "Erase my account for good" });

test("what is kept is shown while it changes, and can be taken along whole", async ({ house }) => {
  const [olga, ann] = await house.members("olga", "ann");
  const { page } = ann;
  await open(page);
  let navigations = 0;
  page.on("framenavigated", () => (navigations += 1));
  await expect(page.getByText("0 people follow you")).toBeVisible();
  await expect(page.getByText("You follow 0 people")).toBeVisible();
  await expect(page.getByText("@olga")).toHaveCount(1);

  await follow(olga, "ann");
  await expect(page.getByText("1 person follows you")).toBeVisible();
  await follow(ann, "olga");
  await expect(page.getByText("You follow 1 person")).toBeVisible();
  await expect(page.getByText("@olga")).toHaveCount(2);
  const tablet = await house.device("ann", "tablet");
  const devices = page.getByRole("region", { name: "What is kept" }).getByRole("listitem").filter({ hasText: "Since " });
  await expect(devices).toHaveCount(2);
  await tablet.page.goto("/settings/you");
  await tablet.page.getByLabel("What people call you").fill("Ann of the Lake");
  await tablet.page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("Ann of the Lake", { exact: true })).toBeVisible();
  await expect(page.getByText("ann of the lake", { exact: true })).toBeVisible();

  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "Save as a file" }).click()]);
  expect(download.suggestedFilename()).toBe("vivavoce-ann.json");
  const kept = JSON.parse(await readFile(await download.path(), "utf8")) as Kept;
  expect(kept).toEqual(await (await page.request.get("/api/v1/me/kept")).json());
  expect(kept.account).toMatchObject({ handle: "ann", name: "Ann of the Lake", name_folded: "ann of the lake", role: "member", invited_by: "olga" });
  expect([kept.version, kept.sessions.length, kept.follows, kept.followers]).toEqual([1, 2, ["olga"], 1]);
  expect(navigations, "the page was never loaded again").toBe(0);
});

test("who erases themselves is out everywhere at once, and gone for the others", async ({ house, server }) => {
  const [olga, ann] = await house.members("olga", "ann");
  const stage = await olga.hallway.start({ title: "Last words" });
  await stage.setMicrophone("open");
  const room = await ann.hallway.enter("Last words");
  await bringOnStage(stage, "ann", room);
  await expectHears(olga, [ann.tone]);
  await expectHears(ann, [olga.tone]);

  const tablet = await house.device("ann", "tablet");
  await open(tablet.page);
  await expect(erase(tablet.page)).toBeDisabled();
  const field = tablet.page.getByLabel("Type @ann to go on");
  await field.fill("@an");
  await expect(erase(tablet.page)).toBeDisabled();
  await field.fill("@Ann");
  await erase(tablet.page).click();
  await expect(tablet.page.getByRole("heading", { name: "Your account is erased" })).toBeVisible();
  await expectSignedOut(ann.page);
  await expectNoConnection(ann);
  await expectSilence(olga);
  await stage.expectShown(["olga"]);
  for (const { context } of [ann, tablet]) expect((await context.request.get("/api/v1/me")).status()).toBe(401);
  await tablet.page.getByRole("button", { name: "To the front door" }).click();
  await expectSignedOut(tablet.page);
  await tablet.page.reload();
  await expectSignedOut(tablet.page);
  // The handle is free again.
  await house.enrol("ann");

  // Somebody has to run the server.
  const tab = await olga.context.newPage();
  await open(tab);
  await expect(tab.getByText("vivavoce admin owner HANDLE")).toBeVisible();
  await expect(erase(tab)).toHaveCount(0);
  await server.admin("owner", "ann");
  await tab.reload();
  await expect(tab.getByLabel("Type @olga to go on")).toBeVisible();
});
