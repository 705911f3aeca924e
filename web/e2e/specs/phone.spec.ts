// A room on three phones, by fingers alone: a hand, a moderator who brings somebody up, mutes, removes and takes it back.

import type { Locator } from "@playwright/test";
import { expect, type Member, test } from "../harness/house.ts";
import { expectHears, expectNoConnection, expectSilence } from "../harness/hearing.ts";
import { expectHallway } from "../harness/pages/door.ts";
import { Room } from "../harness/pages/room.ts";
import { expectInReach, sideways, tap, type, withPhone } from "../harness/touch.ts";

const TITLE = "On the tram";

test("on phones a hand is raised, brought up, muted, removed and let back in, by fingers alone", async ({ house, person }) => {
  test.setTimeout(180_000);
  const [olga, ann, ben] = [await withPhone(house, person, "olga"), await withPhone(house, person, "ann"), await withPhone(house, person, "ben")];
  await expectInReach(olga, "the empty hallway");
  await tap(olga.page.getByRole("button", { name: "Start a room" }));
  const sheet = olga.page.getByRole("dialog", { name: "Start a room" });
  await expectInReach(olga, "the sheet of a new room");
  await type(sheet.getByLabel("What about? Optional"), TITLE);
  await tap(sheet.getByRole("button", { name: "Open the door" }));
  const stage = new Room(olga.page, TITLE);
  await stage.expectInside();
  await tap(stage.microphone);

  const [room, seat] = [await enter(ann), await enter(ben)];
  await expectHears(ben, [olga.tone]);
  await tap(room.hand);
  await expect(room.page.getByText("1st in line").first()).toBeAttached();

  // The bar says that somebody waits; a tap brings the queue under the thumb, and what was pressed does not stay lit.
  const waits = olga.page.getByRole("button", { name: "1 hand raised", exact: true });
  const unlit = await ground(waits);
  await tap(waits);
  await expect(olga.page.getByRole("heading", { name: "1 hand" })).toBeInViewport();
  expect(await ground(waits)).toBe(unlit);
  await expectInReach(olga, "a room with a hand up");
  await sideways(olga, () => expectInReach(olga, "the same, the phone turned"));
  await tap(olga.page.getByRole("button", { name: "Bring up ann" }));
  await expect(room.asked).toBeVisible();
  await expectInReach(ann, "the question to the stage");
  await tap(room.asked.getByRole("button", { name: "Come up, muted" }));
  await tap(room.microphone);
  await expectHears(ben, [olga.tone, ann.tone]);
  await expectHears(olga, [ann.tone]);
  await expectInReach(ann, "a room from the stage");

  const tile = stage.person("ann");
  await tap(tile);
  await expectInReach(olga, "a person's sheet");
  await tap(olga.page.getByRole("dialog", { name: "ann" }).getByRole("button", { name: /^Mute They/ }));
  await expect(room.microphone).toHaveAttribute("aria-pressed", "false");
  await expectHears(ben, [olga.tone]);
  await expectSilence(olga);

  await tap(tile);
  await tap(olga.page.getByRole("dialog", { name: "ann" }).getByRole("button", { name: /^Remove from/ }));
  await expect(ann.page.getByRole("heading", { name: "You were removed from this room" })).toBeVisible();
  await expectNoConnection(ann);
  await expectInReach(ann, "the word to whoever was removed");
  await tap(olga.page.getByRole("button", { name: /^Undo/ }));
  await tap(ann.page.getByRole("button", { name: "To the hallway" }));
  await enter(ann);
  await expectHears(ann, [olga.tone]);
  await stage.expectShown(["olga", "ann", "ben"]);

  // Browsing on with the voices, and out by the dock.
  await tap(ann.page.getByRole("link", { name: "Back to the hallway, stay in the room" }));
  await expectHallway(ann.page);
  await expectInReach(ann, "the hallway above the dock");
  await expectHears(ann, [olga.tone]);
  await tap(ann.page.getByRole("button", { name: "Leave quietly" }));
  await expectNoConnection(ann);
  await tap(seat.page.getByRole("button", { name: "Leave quietly" }));
  await expectHallway(ben.page);
  await stage.expectShown(["olga"]);
});

async function enter(member: Member): Promise<Room> {
  await expectInReach(member, "the hallway with a room");
  await tap(member.page.getByRole("link", { name: TITLE, exact: true }));
  const room = new Room(member.page, TITLE);
  await room.expectInside();
  await expectInReach(member, "a room");
  return room;
}

const ground = (button: Locator): Promise<string> => button.evaluate((element) => getComputedStyle(element).backgroundColor);
