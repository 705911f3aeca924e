// Inviting somebody to the server while in a room: they land in that room, if whoever invites may let them in.

import { expect, test } from "../harness/house.ts";
import { expectHears } from "../harness/hearing.ts";
import { comeIn, expectHallway } from "../harness/pages/door.ts";
import { Room } from "../harness/pages/room.ts";

test.describe.configure({ timeout: 180_000 });

test("a friend who is invited from a closed room lands in it, listening", async ({ house, calm }) => {
  const [olga, ann] = await house.members("olga", "ann");
  const stage = await olga.hallway.start({ title: "Just us", who: "Only people I pick", ask: ["ann"] });
  await stage.setMicrophone("open");
  await ann.hallway.enter("Just us");
  const link = await stage.inviteToServer("Whoever comes by it lands in this room, listening.");

  const nia = await calm("nia");
  await comeIn(nia.page, link, "Nia");
  await expect(nia.page.getByText("olga invited you from a room.")).toBeVisible();
  await nia.page.getByRole("button", { name: "Later" }).click();
  const room = new Room(nia.page, "Just us");
  await room.expectInside();
  await expectHears(nia, [olga.tone]);
  await expect(room.hand).toBeVisible();
  await stage.expectShown(["olga", "ann", "Nia"]);
});

test("whoever may not ask people into a closed room invites to the server, and is told so", async ({ house, calm }) => {
  const [olga, ann] = await house.members("olga", "ann");
  const stage = await olga.hallway.start({ title: "Just us", who: "Only people I pick", ask: ["ann"] });
  const room = await ann.hallway.enter("Just us");
  const link = await room.inviteToServer("Whoever comes by it lands in the hallway");

  const nils = await calm("nils");
  await comeIn(nils.page, link, "Nils");
  await nils.page.getByRole("button", { name: "Later" }).click();
  await expectHallway(nils.page);
  await expect(nils.page.getByText("Quiet in here.", { exact: false })).toBeVisible();
  await stage.expectShown(["olga", "ann"]);
});
