// Somebody is reported: the others are asked, neither of the two is, and what comes of it reaches whoever reported.
// And somebody is suspended: cut off at once, wherever they are.

import { bringOnStage, expect, portOf, test } from "../harness/house.ts";
import { expectHears } from "../harness/hearing.ts";
import { expectHallway } from "../harness/pages/door.ts";
import { expectSignedOut } from "../harness/pages/signing.ts";

/** Until the last packet to or from somebody who is cut off (promise 2). */
const CUT_MS = 200;
/** Who has sent nothing for so long was silent before: two packets, and what a busy machine holds them up. */
const FLOWED_MS = 100;

test("who spoke and left is reported, others sign it, the administrators get handles and a reason, and who reported hears what came of it", async ({ house }) => {
  const [olga, ann, ben, cem] = await house.members("olga", "ann", "ben", "cem");
  const stage = await olga.hallway.start({ title: "Kitchen" });
  const seats = { ann: await ann.hallway.enter("Kitchen"), ben: await ben.hallway.enter("Kitchen"), cem: await cem.hallway.enter("Kitchen") };
  await bringOnStage(stage, "cem", seats.cem);
  await expectHears(ann, [cem.tone]);
  await seats.cem.leave();
  await stage.expectShown(["olga", "ann", "ben"]);

  await ann.page.getByRole("button", { name: /^This room/ }).click();
  const menu = ann.page.getByRole("dialog", { name: "This room" });
  await menu.getByRole("button", { name: /^Who spoke lately/ }).click();
  await menu.getByRole("button", { name: "Report cem", exact: true }).click();
  await menu.getByRole("radio", { name: "Threats" }).check();
  await menu.getByRole("button", { name: "Report", exact: true }).click();
  await expect(menu.getByRole("heading", { name: "Reported", exact: true })).toBeFocused();
  await menu.getByRole("button", { name: "Close" }).last().click();
  await expect(menu).toBeHidden();

  await seats.ben.expectSaid(/was reported: Threats\. Did you hear it\?$/);
  await ben.page.getByRole("button", { name: "I heard it too" }).click();
  await expect(ben.page.getByRole("button", { name: "I heard it too" })).toBeHidden();
  await expect(ann.page.getByRole("button", { name: "I heard it too" }), "who reported is not asked").toHaveCount(0);

  // The room's end is the end of the two minutes, too.
  expect(await house.server.admin("report", "list")).toBe("No reports.\n");
  await stage.menu("End the room for everyone");
  await expect(ann.page.getByRole("heading", { name: "This room has ended" })).toBeVisible({ timeout: 20_000 });
  const list = async (): Promise<string> => house.server.admin("report", "list");
  await expect.poll(list).toMatch(/^\d{6} +\d{4}-\d\d-\d\d +@cem +threats +@ann +@ben +open$/m);
  expect(await list(), "not where it was").not.toContain("Kitchen");

  await ann.hallway.open();
  const decided = ann.page.getByText("A report of yours was looked at");
  await expect(decided).toHaveCount(0);
  const [number = ""] = (await list()).match(/^\d{6}/m) ?? [];
  await house.server.admin("report", "resolve", number, "--acted-on");
  await expect(decided).toBeVisible();
  await ann.page.getByRole("link", { name: "Read it" }).click();
  await expect(ann.page.getByRole("region", { name: "Reports" }).getByRole("listitem")).toContainText("Looked at, and acted on.");
  await ann.page.getByRole("button", { name: /^Got it/ }).click();
  const none = "You have reported nobody and signed nothing, or have put it away.";
  await expect(ann.page.getByText(none)).toBeVisible();
  expect(await house.server.admin("report", "list", "--all"), "nothing says that ann made it").toMatch(/^\d{6} +\S+ +@cem +threats +@ben +acted on$/m);

  // And so does whoever heard it too.
  await ben.hallway.open();
  await ben.page.getByRole("link", { name: "Read it" }).click();
  const signed = ben.page.getByRole("region", { name: "Reports" }).getByRole("listitem");
  await expect(signed).toContainText("@cem: Threats");
  await expect(signed).toContainText("You heard it too, on");
  await expect(signed, "who reported is not said").not.toContainText("ann");
  await ben.page.getByRole("button", { name: /^Got it/ }).click();
  await expect(ben.page.getByText(none)).toBeVisible();
  expect(await house.server.admin("report", "list", "--all")).not.toContain("@ben");
  expect(await house.server.admin("counts")).toMatch(/^Reports +1 +0 open$/m);
});

test("who is suspended is silent and deaf at once, is told so when they come back with a right link, and comes in again afterwards", async ({ house, tap }) => {
  const [olga, ann, ben] = await house.members("olga", "ann", "ben");
  const stage = await olga.hallway.start({ title: "Kitchen" });
  await stage.setMicrophone("open");
  const seat = await ann.hallway.enter("Kitchen");
  await ben.hallway.enter("Kitchen");
  await bringOnStage(stage, "ann", seat);
  await expectHears(olga, [ann.tone]);
  await expectHears(ann, [olga.tone]);
  const [toOlga, toAnn] = [await portOf(olga), await portOf(ann)];

  expect(await house.server.admin("member", "suspend", "ann")).toBe("@ann is suspended, and signed out on 1 device.\n");
  // The command reached the server before its answer was here.
  const answered = Date.now();
  await expectSignedOut(ann.page);
  await expectHears(ben, [olga.tone]);
  const { to, from } = await tap.after(Date.now());
  for (const [what, at] of [["to", to[toAnn]], ["forwarded from", to[toOlga]], ["from", from[toAnn]]] as const) {
    const after = (at ?? Number.NaN) - answered;
    console.log(`measured: suspended: last packet ${what} ${after} ms after the answer`);
    expect(after, `${what}: a voice flowed until then`).toBeGreaterThan(-CUT_MS - FLOWED_MS);
    expect(after, what).toBeLessThanOrEqual(CUT_MS);
  }
  await stage.expectShown(["olga", "ben"]);

  const link = await house.signInLink("ann");
  await ann.page.goto(link);
  await ann.page.getByRole("button", { name: "Sign in here" }).click();
  await expect(ann.page.getByRole("alert")).toHaveText("The people who run this server have suspended this account. Ask them about it.");
  await house.server.admin("member", "unsuspend", "ann");
  await ann.page.getByRole("button", { name: "Sign in here" }).click();
  await expectHallway(ann.page);
});
