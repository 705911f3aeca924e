// Before there is a room: who is available, who asks, and who has just come by an invitation.

import { expect, follow, type Member, test } from "../harness/house.ts";
import { expectHears } from "../harness/hearing.ts";
import { expectGoodLooks } from "../harness/look.ts";
import { comeIn } from "../harness/pages/door.ts";
import { Room } from "../harness/pages/room.ts";
import { makeInvitation } from "../harness/pages/settings.ts";

test.describe.configure({ timeout: 240_000 });

/** In the hallway, for others to see or not. */
async function isAvailable({ page }: Member, to: "on" | "off"): Promise<void> {
  const choice = page.getByRole("switch", { name: /^I would like to talk/ });
  await choice.setChecked(to === "on");
  await expect(page.getByText(to === "on" ? /^Until / : /^For an hour/).filter({ visible: true })).toBeVisible();
}

/** What is said before there is a room, on whatever screen. */
function before({ page }: Member) {
  return page.getByRole("region", { name: "Before there is a room" });
}

/** A question that lies on somebody's screen. */
function asked({ page }: Member, by: string) {
  return page.getByRole("group", { name: `${by} would like to talk` });
}

/** The room of these two, which has no name. */
async function together(member: Member): Promise<Room> {
  await expect(member.page.getByRole("contentinfo", { name: "You in this room" })).toBeVisible();
  return new Room(member.page, "A room without a name");
}

test("two who follow each other talk after one question and one yes, and nobody else sees anything of it", async ({ house }) => {
  const [cleo, ann, ben] = await house.members("cleo", "ann", "ben");
  await follow(ann, "ben");
  await follow(ben, "ann");
  await follow(cleo, "ben");
  for (const one of [ann, ben, cleo]) await one.hallway.open();
  const offer = ann.page.getByRole("button", { name: "Ask ben to talk" });
  await isAvailable(cleo, "on");
  await isAvailable(ben, "on");
  await expect(offer).toBeVisible();
  await expectGoodLooks(ann.page, "available");
  await expect(cleo.page.getByText("Nobody is, at the moment.").filter({ visible: true })).toBeVisible();

  // Switched off, it is gone; and on again.
  await isAvailable(ben, "off");
  await expect(offer).toHaveCount(0);
  await isAvailable(ben, "on");

  // Taken back by keys, and asked again, wherever the other looks meanwhile.
  await ben.page.getByRole("link", { name: /^Find people/ }).first().click();
  await offer.press("Enter");
  const mine = ann.page.getByRole("group", { name: "You asked ben to talk" });
  await expect(asked(ben, "ann")).toBeVisible();
  await mine.getByRole("button", { name: "Take it back" }).press("Enter");
  await expect(before(ben)).toContainText("ann took the question back.");
  await expect(asked(ben, "ann")).toHaveCount(0);
  await offer.click();
  await expectGoodLooks(ben.page, "asked-to-talk");
  await asked(ben, "ann").getByRole("button", { name: "Accept" }).click();

  const [room, other] = [await together(ben), await together(ann)];
  await room.expectShown(["ann", "ben"]);
  // Both are on stage, and neither microphone is open but by its own person.
  await room.setMicrophone("open");
  await expectHears(ann, [ben.tone]);
  await other.setMicrophone("open");
  await expectHears(ben, [ann.tone]);
  await cleo.hallway.open();
  await expect(cleo.page.getByRole("article")).toHaveCount(0);
  await expect(cleo.page.getByRole("button", { name: /^Ask / })).toHaveCount(0);
});

test("not now is told kindly, and who is blocked finds somebody who is simply not there", async ({ house }) => {
  const [, ann, ben] = await house.members("olga", "ann", "ben");
  await follow(ann, "ben");
  await follow(ben, "ann");
  await ann.hallway.open();
  await ben.hallway.open();
  await isAvailable(ben, "on");
  await ann.page.getByRole("button", { name: "Ask ben to talk" }).click();
  await asked(ben, "ann").getByRole("button", { name: "Not now" }).click();
  await expect(before(ann)).toContainText("ben cannot talk right now. Another time.");
  await expect(ann.page.getByText("You have asked.").filter({ visible: true })).toBeVisible();
  await expect(ben.page.getByRole("switch", { name: /^I would like to talk/ })).toBeChecked();

  await ben.page.goto("/people/ann");
  await ben.page.getByRole("button", { name: /^Block For them/ }).click();
  await ben.page.getByRole("button", { name: "Block ann" }).click();
  await expect(ann.page.getByText("You have asked.").filter({ visible: true })).toHaveCount(0);
  await expect(ann.page.getByRole("main")).not.toContainText("ben");
});

test("who invited somebody and is there is told when they come, says hello, and they are in a room together", async ({ house, calm }) => {
  const olga = await house.member("olga");
  const link = await makeInvitation(olga.page);
  const newcomer = await calm("ann");
  await comeIn(newcomer.page, link, "ann");
  const came = olga.page.getByRole("group", { name: "ann is here, by your invitation. Say hello?" });
  await expectGoodLooks(olga.page, "arrived");
  await came.getByRole("button", { name: "Open a room together" }).click();
  const question = newcomer.page.getByRole("group", { name: "olga would like to talk" });
  await expectGoodLooks(newcomer.page, "arrived-asked");
  await question.getByRole("button", { name: "Accept" }).click();
  const mine = new Room(newcomer.page, "A room without a name");
  await expect(newcomer.page.getByRole("contentinfo", { name: "You in this room" })).toBeVisible();
  const hers = await together(olga);
  await mine.expectShown(["ann", "olga"]);
  await hers.setMicrophone("open");
  await expectHears(newcomer, [olga.tone]);
});

test("who is pinged comes by one tap and hears whoever pinged, and says no more to the next", async ({ house }) => {
  const [ann, ben, cleo] = await house.members("ann", "ben", "cleo");
  for (const one of [ben, cleo]) await follow(one, "ann");
  for (const one of [ben, cleo]) await one.hallway.open();
  const room = await ann.hallway.start({ title: "Evening" });
  await room.setMicrophone("open");
  await ann.page.getByRole("button", { name: "Invite somebody" }).first().click();
  const invite = ann.page.getByRole("dialog", { name: "Invite somebody" });
  await expectGoodLooks(ann.page, "ping");
  await invite.getByRole("button", { name: "Ping ben" }).click();
  await expect(invite.getByRole("button", { name: "ben has been pinged" })).toBeDisabled();
  const pinged = ({ page }: Member) => page.getByRole("group", { name: "ann asks you into Evening" });
  await expect(pinged(ben)).toBeVisible();
  await expectGoodLooks(ben.page, "pinged");
  await expect(pinged(cleo)).toHaveCount(0);
  await pinged(ben).getByRole("button", { name: "Join" }).click();
  await expectHears(ben, [ann.tone]);
  await expect(invite.getByRole("button", { name: /ben/ })).toHaveCount(0);

  await invite.getByRole("searchbox", { name: "Name or handle of a follower" }).fill("cle");
  await invite.getByRole("button", { name: "Ping cleo" }).press("Enter");
  await pinged(cleo).getByRole("button", { name: "No more pings from ann" }).press("Enter");
  const muted = cleo.page.getByRole("group", { name: "No more pings from ann." });
  await expect(muted.getByRole("button", { name: "Undo" })).toBeFocused();
  await muted.getByRole("button", { name: "Undo" }).press("Enter");
  await expect(pinged(cleo).getByRole("button", { name: "No more pings from ann" })).toBeFocused();
  await pinged(cleo).getByRole("button", { name: "No more pings from ann" }).press("Enter");
  await expect(muted).toBeVisible();
  await cleo.page.goto("/settings/blocks");
  await cleo.page.getByRole("button", { name: "Get them again: ann" }).press("Enter");
  await expect(cleo.page.getByText("Everybody whom you follow can ask you into a room.")).toBeVisible();
});
