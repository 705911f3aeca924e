// Moderators keep order: who comes up, who goes down, who is silent.

import { bringOnStage, expect, portOf, test } from "../harness/house.ts";
import { expectHears, expectSilence } from "../harness/hearing.ts";
import { offersOf } from "../harness/offers.ts";
import { lie } from "../harness/person.ts";

test.describe.configure({ timeout: 240_000 });

test("a hand goes up, is called, comes up muted, is heard when it likes, and steps down", async ({ house }) => {
  const [olga, ann, ben] = await house.members("olga", "ann", "ben");
  const stage = await olga.hallway.start({ title: "Hands" });
  const room = await ann.hallway.enter("Hands");
  const other = await ben.hallway.enter("Hands");

  await room.raiseHand();
  await expect(room.page.getByText("1st in line").first()).toBeVisible();
  await other.raiseHand();
  await expect(other.page.getByText("2nd in line").first()).toBeVisible();
  await expect(stage.page.getByRole("heading", { name: "2 hands" })).toBeVisible();

  // With what it is about, for those who keep order and nobody else.
  const about = (page: typeof stage.page) => page.getByText("the price of tea").filter({ visible: true });
  await room.page.getByRole("button", { name: "Add a topic" }).click();
  await room.page.getByLabel("What you would like to talk about").fill("the price of tea");
  await room.page.keyboard.press("Enter");
  await expect(about(room.page)).toBeVisible();
  await expect(about(stage.page)).toBeVisible();
  await expect(about(other.page)).toHaveCount(0);

  // Whoever came second is the next, and waits again.
  await stage.page.getByRole("button", { name: "Place 2: move ben in line" }).click();
  await stage.page.getByRole("button", { name: "To the head of the line" }).click();
  await expect(other.page.getByText("1st in line").first()).toBeVisible();
  await expect(room.page.getByText("2nd in line").first()).toBeVisible();
  await stage.page.getByRole("button", { name: "Place 1: move ben in line" }).click();
  await stage.page.getByRole("button", { name: "To the end of the line" }).click();
  await expect(room.page.getByText("1st in line").first()).toBeVisible();

  await stage.bringUp("ann");
  await expect(room.asked).toContainText("You arrive muted.");
  await room.comeUp();
  await expect(stage.person("ann")).toHaveAccessibleName("ann, muted");
  await expect(other.page.getByText("1st in line").first()).toBeVisible();
  await room.setMicrophone("open");
  await expectHears(olga, [ann.tone]);
  await expectHears(ben, [ann.tone]);
  await expect(other.person("ann")).toHaveAccessibleName("ann, speaking");

  // Who says no stays where they are, and the moderator is told.
  await stage.bringUp("ben");
  await other.declineStage();
  await stage.expectSaid("ben says: not now.");
  await expect(other.hand).toBeVisible();
  await expect(stage.stage.getByRole("button", { name: /^ben/ })).toHaveCount(0);

  await room.menu("Step down from the stage");
  await expect(room.hand).toBeVisible();
  await expectSilence(olga);
  await expectSilence(ben);
  await expect(stage.stage.getByRole("button", { name: /^ann/ })).toHaveCount(0);
});

test("one offer carries somebody from the audience up to the stage and down again, as it was made", async ({ house }) => {
  const [olga, ann] = await house.members("olga", "ann");
  const [told, heard]: [string[], string[]] = [[], []];
  ann.page.on("websocket", (line) => {
    line.on("framesent", ({ payload }) => told.push(String(payload)));
    line.on("framereceived", ({ payload }) => heard.push(String(payload)));
  });
  await ann.hallway.open();
  const stage = await olga.hallway.start({ title: "One offer" });
  await stage.setMicrophone("open");
  const room = await ann.hallway.enter("One offer");
  await expectHears(ann, [olga.tone]);
  const lines = ["sendonly", "recvonly", "recvonly", "recvonly"];
  const listening = await offersOf(ann);
  expect(listening).toEqual([{ made: [expect.any(String)], local: [expect.any(String)], remote: [expect.any(String)], lines }]);
  const port = await portOf(ann);

  await bringOnStage(stage, "ann", room);
  await expectHears(olga, [ann.tone]);
  await room.setMicrophone("muted");
  await expectSilence(olga);
  await room.setMicrophone("open");
  await expectHears(olga, [ann.tone]);
  await stage.act("ann", "Hold");
  await expectSilence(olga);
  await stage.act("ann", "Release");
  await room.menu("Step down from the stage");
  await expect(room.hand).toBeVisible();
  await bringOnStage(stage, "ann", room);
  await expectHears(olga, [ann.tone]);
  await expectHears(ann, [olga.tone]);

  expect(await offersOf(ann), "the same descriptions, and no other").toEqual(listening);
  expect(await portOf(ann), "the same connection").toBe(port);
  const [{ made: [offer = ""], local, remote: [answer = ""] }] = listening as [(typeof listening)[0]];
  expect(local, "set as it was made").toEqual([offer]);
  expect(told.filter((frame) => frame.includes(JSON.stringify(offer))), "sent as it was made, once").toHaveLength(1);
  expect(heard.filter((frame) => frame.includes(JSON.stringify(answer))), "set as it came").toHaveLength(1);
});

test("moved to the audience is silent at once and may come back up", async ({ house }) => {
  const [olga, ann] = await house.members("olga", "ann");
  const stage = await olga.hallway.start({ title: "Up and down" });
  const room = await ann.hallway.enter("Up and down");
  await bringOnStage(stage, "ann", room);
  await expectHears(olga, [ann.tone]);
  await stage.act("ann", "To the audience");
  await room.expectSaid("olga moved you to the audience.");
  await expect(room.hand).toBeVisible();
  await expectSilence(olga);
  await stage.act("ann", "Ask up to the stage");
  await room.comeUp();
  await expectSilence(olga);
  await room.setMicrophone("open");
  await expectHears(olga, [ann.tone]);
});

test("muted by a moderator is silent, and opens again only by themself", async ({ house }) => {
  const [olga, ann] = await house.members("olga", "ann");
  const stage = await olga.hallway.start({ title: "Soft" });
  const room = await ann.hallway.enter("Soft");
  await bringOnStage(stage, "ann", room);
  await expectHears(olga, [ann.tone]);
  await stage.act("ann", "Mute");
  await room.expectSaid("olga muted you. Open again when you like.");
  await expect(room.microphone).toHaveAttribute("aria-pressed", "false");
  await expectSilence(olga);
  // Nothing that a moderator can press opens it.
  const sheet = await stage.sheet("ann");
  await expect(sheet.getByRole("button", { name: /^Mute They/ })).toBeDisabled();
  const acts = (await sheet.getByRole("button").allInnerTexts()).map((text) => text.split("\n")[0]);
  expect(acts).toEqual(["", "Mute", "Hold", "To the audience", "Make moderator", "Hand the room over", "Ask out for ten minutes", "Remove from the room", "Ban from this room", "Follow", "Mute for me", "Block", "Report"]);
  await sheet.getByRole("button", { name: "Close" }).click();
  await room.setMicrophone("open");
  await expectHears(olga, [ann.tone]);
});

test("who is held and lies is heard by nobody: packets arrive at the server and none leaves", async ({ house, tap }) => {
  const [olga, ann, ben] = await house.members("olga", "ann", "ben");
  const stage = await olga.hallway.start({ title: "Held" });
  const room = await ann.hallway.enter("Held");
  await ben.hallway.enter("Held");
  await bringOnStage(stage, "ann", room);
  await expectHears(olga, [ann.tone]);
  await expectHears(ben, [ann.tone]);

  await stage.act("ann", "Hold");
  await room.expectSaid("olga holds your microphone. You can ask for it back.");
  expect(await lie(ann)).toBeGreaterThan(0);
  await expectSilence(olga);
  await expectSilence(ben);
  const [liar, ears] = [await portOf(ann), [await portOf(olga), await portOf(ben)]];
  const since = Date.now();
  const { at, from, to } = await tap.after(since + 1_000);
  expect(at - (from[liar] ?? 0), "the liar sends on").toBeLessThan(200);
  for (const ear of ears) expect(to[ear] ?? 0, "and nothing of it leaves").toBeLessThan(since);

  // Released stays muted, whatever the page sends; opened by themself it is heard.
  await stage.act("ann", "Release");
  await room.expectSaid("olga released your microphone. It is still muted.");
  await expectSilence(olga);
  await room.setMicrophone("open");
  await expectHears(olga, [ann.tone]);
});

test("a listener whose page lies is heard by nobody", async ({ house, tap }) => {
  const [olga, ann, ben] = await house.members("olga", "ann", "ben");
  const stage = await olga.hallway.start({ title: "Listeners" });
  await ann.hallway.enter("Listeners");
  await ben.hallway.enter("Listeners");
  await stage.setMicrophone("open");
  await expectHears(ben, [olga.tone]);
  expect(await lie(ann)).toBeGreaterThan(0);
  const liar = await portOf(ann);
  await expect.poll(async () => (await tap.after(Date.now())).from[liar] ?? 0).toBeGreaterThan(0);
  await expectHears(ben, [olga.tone]);
  await stage.setMicrophone("muted");
  await expectSilence(ben);
  await expectSilence(olga);
  const { at, from } = await tap.after(Date.now());
  expect(at - (from[liar] ?? 0), "the liar sends on").toBeLessThan(200);
});

test("mute all silences everybody but moderators; panic holds them, takes hands away and locks the door", async ({ house }) => {
  const [olga, ann, ben, cleo] = await house.members("olga", "ann", "ben", "cleo");
  const stage = await olga.hallway.start({ title: "Too loud" });
  const [annsRoom, bensRoom] = [await ann.hallway.enter("Too loud"), await ben.hallway.enter("Too loud")];
  await stage.setMicrophone("open");
  await bringOnStage(stage, "ann", annsRoom);
  await bringOnStage(stage, "ben", bensRoom);
  await expectHears(olga, [ann.tone, ben.tone]);
  await expectHears(ann, [olga.tone, ben.tone]);

  await stage.menu("Mute all but moderators");
  await annsRoom.expectSaid("olga muted you. Open again when you like.");
  await expectSilence(olga);
  await expectHears(ann, [olga.tone]);
  await expectHears(ben, [olga.tone]);

  await annsRoom.setMicrophone("open");
  await expectHears(olga, [ann.tone]);
  await stage.menu("Panic");
  await annsRoom.expectSaid("olga stopped everything: microphones held, hands off, door locked.");
  expect(await lie(ann)).toBeGreaterThan(0);
  await expectSilence(olga);
  await expectHears(ben, [olga.tone]);
  await expect(annsRoom.microphone).toHaveAttribute("aria-disabled", "true");
  await expect(stage.person("ann")).toHaveAccessibleName("ann, held");
  await expect(stage.person("ben")).toHaveAccessibleName("ben, held");

  await expect(cleo.hallway.card("Too loud").getByText("Locked for now")).toBeVisible();
  await cleo.hallway.card("Too loud").getByRole("link", { name: "Too loud" }).click();
  await expect(cleo.page.getByText("The door is locked for now.").first()).toBeVisible();
  await stage.expectShown(["olga", "ann", "ben"]);

  await stage.act("ben", "To the audience");
  await expect(bensRoom.page.getByRole("button", { name: "Hands are off" })).toBeVisible();
});
