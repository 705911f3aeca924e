// The list of signed-in devices, what revoking one does to a conversation, and whom one follows.

import { bringOnStage, expect, follow, portOf, test } from "../harness/house.ts";
import { expectHears, expectNoConnection, expectSilence } from "../harness/hearing.ts";
import { otherDevices } from "../harness/pages/settings.ts";
import { expectSignedOut } from "../harness/pages/signing.ts";

test("a revoked device loses socket and sound at once, and nobody hears it any more", async ({ house, tap }) => {
  const [olga, ann] = await house.members("olga", "ann");
  const stage = await olga.hallway.start({ title: "Late show" });
  await stage.setMicrophone("open");
  const room = await ann.hallway.enter("Late show");
  await bringOnStage(stage, "ann", room);
  await expectHears(olga, [ann.tone]);
  await expectHears(ann, [olga.tone]);
  const port = await portOf(ann);

  const tablet = await house.device("ann", "tablet");
  await tablet.page.goto("/settings/devices");
  await expect(otherDevices(tablet.page)).toHaveCount(1);
  await expectHears(ann, [olga.tone]);

  const answered = tablet.page.waitForResponse((response) => response.request().method() === "DELETE");
  await otherDevices(tablet.page).click();
  expect((await answered).status()).toBe(204);
  const revoked = Date.now();
  await expectSignedOut(ann.page);
  await expectNoConnection(ann);
  await expectSilence(olga);

  const passed = await tap.after(revoked + 1_000);
  const lastTo = (passed.to[port] ?? 0) - revoked;
  const lastFrom = (passed.from[port] ?? 0) - revoked;
  expect(passed.to[port], "the tap has seen this port").toBeGreaterThan(revoked - 10_000);
  console.log(`measured: last packet to a revoked device ${lastTo} ms after the answer, from it ${lastFrom} ms`);
  expect(lastTo).toBeLessThanOrEqual(200);
  expect(lastFrom).toBeLessThanOrEqual(600);

  // Its seat went with it, and its cookie opens nothing.
  await stage.expectShown(["olga"]);
  expect((await ann.context.request.get("/api/v1/me")).status()).toBe(401);
  await expect(otherDevices(tablet.page)).toHaveCount(0);
  await tablet.page.goto("/");
  await tablet.hallway.enter("Late show");
  await expectHears(tablet, [olga.tone]);
});

test("a device that signs itself out leaves the room with it", async ({ house }) => {
  const [olga, ann] = await house.members("olga", "ann");
  const stage = await olga.hallway.start({ title: "Late show" });
  await stage.setMicrophone("open");
  await ann.hallway.enter("Late show");
  await expectHears(ann, [olga.tone]);
  await ann.page.getByRole("link", { name: "Back to the hallway, stay in the room" }).first().click();
  await ann.page.getByRole("link", { name: "You: ann. Settings" }).first().click();
  await ann.page.getByRole("button", { name: "Sign out on this device" }).click();
  await ann.page.getByRole("button", { name: "Sign out anyway" }).click();
  await expectSignedOut(ann.page);
  await expectNoConnection(ann);
  await stage.expectShown(["olga"]);
});

test("rooms of people one follows come first, from the moment one follows them", async ({ house }) => {
  const [ann, ben, cleo] = await house.members("ann", "ben", "cleo");
  await ben.hallway.start({ title: "Ben's bench" });
  await cleo.hallway.start({ title: "Cleo's corner" });
  const first = ann.page.getByRole("article").first().getByRole("heading");
  await expect(ann.page.getByRole("article")).toHaveCount(2);

  for (const [handle, name, title] of [
    ["cleo", "cleo", "Cleo's corner"],
    ["ben", "ben", "Ben's bench"],
  ] as const) {
    await ann.page.goto(`/people/${handle}`);
    await ann.page.getByRole("button", { name: `Follow ${name}` }).click();
    await expect(ann.page.getByRole("button", { name: `Stop following ${name}` })).toBeVisible();
    await ann.hallway.open();
    await expect(first).toHaveText(title);
    await ann.page.goto(`/people/${handle}`);
    await ann.page.getByRole("button", { name: `Stop following ${name}` }).click();
    await expect(ann.page.getByRole("button", { name: `Follow ${name}` })).toBeVisible();
  }
});

test("the open hallway puts the followed first by itself: who follows in another tab sees it, and who comes on stage moves a room up", async ({
  house,
}) => {
  const [ann, ben, cleo, dan] = await house.members("ann", "ben", "cleo", "dan");
  const bens = await ben.hallway.start({ title: "Ben's bench" });
  await cleo.hallway.start({ title: "Cleo's corner" });
  const seat = await dan.hallway.enter("Ben's bench");
  let navigations = 0;
  ann.page.on("framenavigated", () => (navigations += 1));
  const expectOrder = (...titles: readonly string[]): Promise<void> => expect(ann.page.getByRole("article").getByRole("heading")).toHaveText(titles);
  // Nobody is followed: the fuller one is first.
  await expectOrder("Ben's bench", "Cleo's corner");

  await follow(ann, "cleo");
  await expectOrder("Cleo's corner", "Ben's bench");
  // Somebody in the audience counts when they come on stage, not before.
  await follow(ann, "dan");
  await seat.raiseHand();
  await expectOrder("Cleo's corner", "Ben's bench");
  await bens.bringUp("dan");
  await seat.comeUp();
  await expectOrder("Ben's bench", "Cleo's corner");
  await seat.menu("Step down from the stage");
  await expectOrder("Cleo's corner", "Ben's bench");
  expect(navigations, "the page was never loaded again").toBe(0);
});
