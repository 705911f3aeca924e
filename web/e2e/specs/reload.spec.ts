// A page that is loaded anew: its person comes back to their seat by themselves, muted; whoever really went is gone.

import { bringOnStage, expect, expectReceiving, test } from "../harness/house.ts";
import { expectHears } from "../harness/hearing.ts";
import { timesAsked } from "../harness/person.ts";

test.describe.configure({ timeout: 180_000 });

test("who reloads on stage is on stage again, muted, hears at once, and speaks after one tap", async ({ house, tap }) => {
  const [olga, ann, ben] = await house.members("olga", "ann", "ben");
  const stage = await olga.hallway.start({ title: "Once more" });
  await stage.setMicrophone("open");
  const room = await ann.hallway.enter("Once more");
  await ben.hallway.enter("Once more");
  await bringOnStage(stage, "ann", room);
  await expectHears(ben, [olga.tone, ann.tone]);

  const left = Date.now();
  await ann.page.reload();
  await room.expectInside();
  await expectHears(ann, [olga.tone]);
  console.log(`measured: back and hearing ${Date.now() - left} ms after a reload`);
  await expect(stage.person("ann")).toHaveAccessibleName("ann, muted");
  await expect(room.microphone).toHaveAttribute("aria-pressed", "false");
  expect(await timesAsked(ann), "nobody opens a microphone but its owner").toBe(0);
  await expectHears(ben, [olga.tone]);

  await room.setMicrophone("open");
  await expectHears(ben, [olga.tone, ann.tone]);
  await stage.expectShown(["olga", "ann", "ben"]);
  await expectReceiving(tap, [olga, ann, ben]);
});

test("an owner who reloads owns the room, and a raised hand keeps its place in line", async ({ house }) => {
  const [olga, ann, ben] = await house.members("olga", "ann", "ben");
  const stage = await olga.hallway.start({ title: "In line" });
  const [room, other] = [await ann.hallway.enter("In line"), await ben.hallway.enter("In line")];
  await room.raiseHand();
  await other.raiseHand();
  await expect(other.page.getByText("2nd in line").first()).toBeVisible();
  await ann.page.reload();
  await room.expectInside();
  await expect(ann.page.getByText("1st in line").first()).toBeVisible();
  await olga.page.reload();
  await stage.expectInside();
  await expect(stage.person("olga")).toHaveAccessibleName(/^olga, you, owner/);
  await stage.bringUp("ann");
  await room.comeUp();
});

test("who browses and reloads has the room in the dock again", async ({ house }) => {
  const [olga, ann] = await house.members("olga", "ann");
  const stage = await olga.hallway.start({ title: "On the side" });
  await stage.setMicrophone("open");
  await ann.hallway.enter("On the side");
  await ann.page.getByRole("link", { name: "Back to the hallway, stay in the room" }).first().click();
  await ann.page.reload();
  await expect(ann.page.getByRole("region", { name: "The room you are in" })).toBeVisible();
  await expectHears(ann, [olga.tone]);
});

test("who was removed or left is not brought back by a reload", async ({ house }) => {
  const [olga, ann, ben] = await house.members("olga", "ann", "ben");
  const stage = await olga.hallway.start({ title: "Not again" });
  await stage.setMicrophone("open");
  const room = await ann.hallway.enter("Not again");
  const other = await ben.hallway.enter("Not again");
  await expectHears(ann, [olga.tone]);
  const path = other.path;
  await stage.act("ann", "Remove from the room");
  await expect(ann.page.getByRole("heading", { name: "You were removed from this room" })).toBeVisible();
  await ann.page.reload();
  await ann.page.getByRole("button", { name: "Come in" }).click();
  await expect(ann.page.getByRole("heading", { name: "There is no room here" })).toBeVisible();
  await other.leave();
  await ben.page.goto(path);
  await ben.page.reload();
  await expect(ben.page.getByRole("button", { name: "Come in" })).toBeVisible();
  await stage.expectShown(["olga"]);
  expect(room.path).toBe(path);
});

test("a copy of the tab takes the seat from nobody", async ({ house }) => {
  const [olga, ann] = await house.members("olga", "ann");
  const stage = await olga.hallway.start({ title: "Twice the same" });
  await stage.setMicrophone("open");
  await ann.hallway.enter("Twice the same");
  await expectHears(ann, [olga.tone]);
  // A window that a page opens begins with a copy of its storage, as a duplicated tab does.
  const opened = ann.page.waitForEvent("popup");
  await ann.page.evaluate(() => void window.open(location.href));
  const copy = await opened;
  await expect(copy.getByRole("button", { name: "Come in" })).toBeVisible();
  await expect.poll(() => copy.evaluate(() => sessionStorage.getItem("vivavoce.seat")), { message: "it has given up" }).toBeNull();
  await expect(copy.getByRole("button", { name: "Come in" })).toBeVisible();
  await expectHears(ann, [olga.tone]);
  await copy.close();
});
