// Who keeps order, handed on: made, given and taken over, and what it is worth afterwards.

import { bringOnStage, expect, test } from "../harness/house.ts";
import { expectHears, expectSilence } from "../harness/hearing.ts";

test.describe.configure({ timeout: 240_000 });

/** A room waits so long for somebody who keeps order before it asks who is on stage. */
const OWNERLESS_MS = 60_000;

test("whoever is made a moderator brings people up and silences them, and no longer once it is taken back", async ({ house }) => {
  const [olga, ann, ben] = await house.members("olga", "ann", "ben");
  const stage = await olga.hallway.start({ title: "Two of us" });
  const room = await ann.hallway.enter("Two of us");
  const other = await ben.hallway.enter("Two of us");

  await stage.act("ann", "Make moderator");
  await room.expectSaid("You keep order now.");
  await expect(stage.person("ann")).toHaveAccessibleName("ann, moderator");
  await other.raiseHand();
  await room.bringUp("ben");
  await other.comeUp();
  await other.setMicrophone("open");
  await expectHears(olga, [ben.tone]);
  await room.act("ben", "Hold");
  await other.expectSaid("ann holds your microphone. You can ask for it back.");
  await expectSilence(olga);
  // Neither the owner nor the room is hers; whom she hears is.
  const sheet = await room.sheet("olga");
  await expect(sheet.getByRole("button", { name: /^(Mute(?! for me)|Hold|Remove|Ban|Hand)/ })).toHaveCount(0);
  await sheet.getByRole("button", { name: "Close" }).click();

  await stage.act("ann", "No longer moderator");
  await room.expectSaid("You no longer keep order.");
  const bens = await room.sheet("ben");
  await expect(bens.getByRole("button", { name: /^(Mute(?! for me)|Release|Remove|Ban)/ })).toHaveCount(0);
});

test("an owner who leaves is asked who keeps order, and whoever is handed the room does", async ({ house }) => {
  const [olga, ann, ben] = await house.members("olga", "ann", "ben");
  const stage = await olga.hallway.start({ title: "Handed on" });
  const room = await ann.hallway.enter("Handed on");
  const other = await ben.hallway.enter("Handed on");
  await stage.setMicrophone("open");
  await expectHears(ben, [olga.tone]);

  await stage.leave();
  await stage.handTo("ann");
  await expect(olga.page.getByRole("heading", { name: "Being said now", level: 1 })).toBeVisible();
  await room.expectSaid("This room is yours now.");
  await other.expectSaid("ann owns this room now.");
  await expectSilence(ben);
  await other.raiseHand();
  await room.bringUp("ben");
  await other.comeUp();
  await other.setMicrophone("open");
  await expectHears(ann, [ben.tone]);
  await room.act("ben", "Remove from the room");
  await expect(ben.page.getByRole("heading", { name: "You were removed from this room" })).toBeVisible();
  await expectSilence(ann);
  // Whoever gave it away comes back as a moderator.
  await olga.hallway.enter("Handed on");
  await expect(room.person("olga")).toHaveAccessibleName("olga, moderator");
});

test("the last moderator is asked too when the owner is gone, and hands the room over in their place", async ({ house }) => {
  const [olga, mo, ann] = await house.members("olga", "mo", "ann");
  const stage = await olga.hallway.start({ title: "Left alone" });
  const order = await mo.hallway.enter("Left alone");
  const room = await ann.hallway.enter("Left alone");
  await stage.act("mo", "Make moderator");
  await order.expectSaid("You keep order now.");
  // With a moderator behind, nobody is asked anything.
  await stage.leave();
  await expect(olga.page.getByRole("heading", { name: "Being said now", level: 1 })).toBeVisible();
  await order.expectShown(["mo", "ann"]);

  await order.leave();
  const sheet = order.page.getByRole("dialog", { name: "Who keeps order when you are gone?" });
  await expect(sheet.getByRole("button", { name: /^End the room/ })).toHaveCount(0);
  await order.handTo("ann");
  await expect(mo.page.getByRole("heading", { name: "Being said now", level: 1 })).toBeVisible();
  await room.expectSaid("This room is yours now.");
  await room.menu("End the room");
  await expect(ann.page.getByText(/^This room ends in/).first()).toBeVisible();
});

test("when nobody keeps order, whoever has been on stage longest is asked and takes over", async ({ house }) => {
  const [olga, ann, ben, cleo] = await house.members("olga", "ann", "ben", "cleo");
  const stage = await olga.hallway.start({ title: "Nobody's" });
  const room = await ann.hallway.enter("Nobody's");
  const other = await ben.hallway.enter("Nobody's");
  const third = await cleo.hallway.enter("Nobody's");
  await bringOnStage(stage, "ann", room);
  await bringOnStage(stage, "ben", other);
  await stage.leave();
  await stage.justLeave();
  await expectHears(cleo, [ann.tone, ben.tone]);

  const question = room.page.getByRole("dialog", { name: "Will you take this room over?" });
  await expect(question).toBeVisible({ timeout: OWNERLESS_MS + 10_000 });
  await expect(other.page.getByRole("dialog", { name: "Will you take this room over?" })).toHaveCount(0);
  await question.getByRole("button", { name: "Take it over" }).click();
  await room.expectSaid("This room is yours now.");
  await third.expectSaid("ann owns this room now.");
  await room.act("ben", "Hold");
  await expectHears(cleo, [ann.tone]);
});
