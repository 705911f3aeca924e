// Order from the owner's own page: a report comes in, is decided, and what was done can be taken back.

import type { Page } from "@playwright/test";
import { bringOnStage, expect, test } from "../harness/house.ts";
import { expectHears, expectNoConnection, expectSilence } from "../harness/hearing.ts";
import { expectHallway } from "../harness/pages/door.ts";
import { expectSignedOut } from "../harness/pages/signing.ts";

async function desk(page: Page): Promise<void> {
  await page.goto("/settings/order");
  await expect(page.getByRole("heading", { name: "Reports that wait" })).toBeVisible();
}

/** As when the tab comes to the front again. */
const comesBack = (page: Page): Promise<boolean> => page.evaluate(() => dispatchEvent(new Event("focus")));

test("somebody is reported, the owner suspends them from the settings and lifts it again, and who reported hears what came of it", async ({ house }) => {
  const [olga, ann, ben, cem] = await house.members("olga", "ann", "ben", "cem");
  await desk(olga.page);
  await expect(olga.page.getByText("No report waits for you.")).toBeVisible();
  let navigations = 0;
  olga.page.on("framenavigated", () => (navigations += 1));

  const kitchen = await ann.hallway.start({ title: "Kitchen" });
  await ben.hallway.enter("Kitchen");
  await bringOnStage(kitchen, "cem", await cem.hallway.enter("Kitchen"));
  await expectHears(ann, [cem.tone]);
  const sheet = await kitchen.sheet("cem");
  await sheet.getByRole("button", { name: /^Report/ }).click();
  await sheet.getByRole("radio", { name: "Threats" }).check();
  await sheet.getByRole("button", { name: "Report", exact: true }).click();
  await ben.page.getByRole("button", { name: "I heard it too" }).click();
  await expect(ben.page.getByRole("button", { name: "I heard it too" })).toBeHidden();
  await sheet.getByRole("button", { name: "Close" }).last().click();
  // The room's end is the end of the two minutes, too.
  await kitchen.menu("End the room for everyone");
  await expect(ann.page.getByRole("heading", { name: "This room has ended" })).toBeVisible({ timeout: 20_000 });

  const report = olga.page.getByRole("listitem").filter({ hasText: "@cem: Threats" });
  await expect(report).toContainText("Reported by @ann on ");
  await expect(report).toContainText("1 person heard it too: @ben.");
  await expect(olga.page.getByRole("link", { name: /^Order/ })).toHaveAccessibleName("Order 1 report waits");
  const view = await (await olga.context.request.get("/api/v1/order")).text();
  expect(view, "not where it was").not.toContain("Kitchen");

  // They talk on somewhere else, and are cut off in the middle of it.
  await ann.hallway.open();
  const garden = await ann.hallway.start({ title: "Garden" });
  await cem.page.goto("/");
  await bringOnStage(garden, "cem", await cem.hallway.enter("Garden"));
  await expectHears(ann, [cem.tone]);
  await report.getByRole("button", { name: "Decide about @cem" }).click();
  const about = olga.page.getByRole("dialog", { name: "About @cem" });
  await expect(about.getByText("@ann is told whether something was done, not what.")).toBeVisible();
  await expect(about.getByRole("button", { name: "Choose one" })).toBeDisabled();
  await about.getByRole("radio", { name: /^Suspend/ }).check();
  await expect(about.getByText("@cem is signed out on every device at once")).toBeVisible();
  await about.getByRole("button", { name: "Suspend", exact: true }).click();
  await expect(about).toBeHidden();
  await expectSignedOut(cem.page);
  await expectNoConnection(cem);
  await expectSilence(ann);
  await garden.expectShown(["ann"]);
  await expect(olga.page.getByRole("status").filter({ hasText: "@cem is suspended." })).toBeVisible();
  await expect(olga.page.getByText("No report waits for you.")).toBeVisible();
  await expect(olga.page.getByRole("link", { name: /^Order/ })).toHaveAccessibleName("Order");

  await garden.leave();
  await ann.hallway.open();
  await expect(ann.page.getByText("A report of yours was looked at")).toBeVisible();
  await ann.page.getByRole("link", { name: "Read it" }).click();
  await expect(ann.page.getByRole("region", { name: "Reports" }).getByRole("listitem")).toContainText("Looked at, and acted on.");

  await cem.page.goto(await house.signInLink("cem"));
  await cem.page.getByRole("button", { name: "Sign in here" }).click();
  await expect(cem.page.getByRole("alert")).toHaveText("The people who run this server have suspended this account. Ask them about it.");
  await olga.page.getByRole("button", { name: "Lift the suspension of cem" }).click();
  await expect(olga.page.getByText("Nobody is suspended.")).toBeVisible();
  await expect(olga.page.getByRole("heading", { name: "Suspended people" }), "near what is gone").toBeFocused();
  await cem.page.getByRole("button", { name: "Sign in here" }).click();
  await expectHallway(cem.page);
  expect(await house.server.admin("counts")).toMatch(/^Suspensions +1 +0 /m);
  expect(navigations, "the owner's page was never loaded again").toBe(0);
});

test("by handle the owner pauses somebody's invitations, never suspends themselves, and sees what the shell did when they look again", async ({ house }) => {
  const [olga, ben] = await house.members("olga", "ben");
  const { page } = olga;
  await desk(page);
  await page.getByLabel("Pause by handle").fill("@Ben");
  await page.getByRole("button", { name: "Go on and pause their invitations" }).click();
  const pause = page.getByRole("dialog", { name: "Pause invitations of @ben" });
  await pause.getByRole("button", { name: "Pause now" }).click();
  await expect(pause).toBeHidden();
  await expect(page.getByRole("button", { name: "Lift the pause of ben" })).toBeVisible();
  await ben.page.goto("/settings/kept");
  await expect(ben.page.getByText("Invites nobody for now").locator("xpath=ancestor::div[1]")).toContainText("Yes");
  await page.getByRole("button", { name: "Lift the pause of ben" }).click();
  await expect(page.getByText("Everybody invites as they may.")).toBeVisible();
  // Told, without a look.
  await expect(ben.page.getByText("Invites nobody for now").locator("xpath=ancestor::div[1]")).toContainText("No");

  await page.getByLabel("Suspend by handle").fill("olga");
  await page.getByRole("button", { name: "Go on and suspend them" }).click();
  const suspend = page.getByRole("dialog", { name: "Suspend @olga" });
  await suspend.getByRole("button", { name: "Suspend now" }).click();
  await expect(suspend.getByRole("alert")).toHaveText("Whoever runs this server is not suspended.");
  await suspend.getByRole("button", { name: "Not now" }).click();
  await expect(suspend).toBeHidden();
  await expect(page.getByRole("button", { name: "Go on and suspend them" }), "the focus is where it was").toBeFocused();

  // What the shell does tells no page of the owner.
  await house.server.admin("member", "suspend", "ben");
  await expectSignedOut(ben.page);
  await expect(page.getByText("Nobody is suspended.")).toBeVisible();
  await comesBack(page);
  await expect(page.getByRole("button", { name: "Lift the suspension of ben" })).toBeVisible();
  await page.goto("/settings/kept");
  await expect(page.getByText("None is waiting.")).toBeVisible();
  await house.server.admin("signin-link", "olga");
  const waiting = page.getByText("From whoever runs this server");
  await expect(waiting).toHaveCount(0);
  await expect(waiting, "within half a minute, while it is looked at").toBeVisible({ timeout: 35_000 });
});

test("who does not run the server finds no such screen, and by hand gets one refusal for everything", async ({ house, server }) => {
  const [olga, ann] = await house.members("olga", "ann");
  await house.enrol("ben");
  await ann.page.goto("/settings/reports");
  await expect(ann.page.getByRole("link", { name: "Reports" })).toBeVisible();
  await expect(ann.page.getByRole("link", { name: /^Order/ })).toHaveCount(0);
  await ann.page.goto("/settings/order");
  await expect(ann.page.getByText("Whoever runs this server keeps order here.")).toBeVisible();

  const headers = { origin: server.origin };
  const { request } = ann.context;
  const refused = [await request.get("/api/v1/order")];
  for (const handle of ["ann", "ben", "olga", "nobody"]) {
    for (const what of ["suspended", "paused"]) {
      refused.push(await request.put(`/api/v1/order/${what}/${handle}`, { headers, data: {} }));
      refused.push(await request.delete(`/api/v1/order/${what}/${handle}`, { headers }));
    }
  }
  for (const measure of ["dismiss", "settle_otherwise", "suspend", "pause_branch"]) {
    refused.push(await request.post("/api/v1/order/reports/123456", { headers, data: { measure } }));
  }
  for (const answer of refused) expect([answer.status(), await answer.text()], answer.url()).toEqual([403, '{"error":"not_allowed"}']);
  expect((await olga.context.request.get("/api/v1/order")).ok()).toBe(true);
});
