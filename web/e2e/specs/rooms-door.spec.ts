// The door and the hands: who may come in, and who may ask to speak, as it changes under people's eyes.

import { bringOnStage, expect, follow, type Member, test } from "../harness/house.ts";
import { ask, expectHears } from "../harness/hearing.ts";
import { Room } from "../harness/pages/room.ts";

test.describe.configure({ timeout: 240_000 });

test("with the door locked who is outside stays outside, who is inside stays and comes back, and it opens again", async ({ house }) => {
  const [olga, ann, ben] = await house.members("olga", "ann", "ben");
  const stage = await olga.hallway.start({ title: "Doors" });
  await stage.setMicrophone("open");
  await ann.hallway.enter("Doors");
  await expectHears(ann, [olga.tone]);
  await expect(ben.hallway.card("Doors")).toBeVisible();

  await stage.setDoor("locked");
  await expect(ben.hallway.card("Doors").getByText("Locked for now")).toBeVisible();
  await expectLockedOut(ben);
  await ben.hallway.knock(stage.path);
  await expect(ben.page.getByText("The door is locked for now.").first()).toBeVisible();
  await stage.expectShown(["olga", "ann"]);
  // Who is inside is inside, with a fresh line and with a fresh page.
  await expectHears(ann, [olga.tone]);
  await ask(ann, () => window.ears.cutSockets(), undefined);
  await stage.expectShown(["olga", "ann"]);
  await ann.page.reload();
  const room = new Room(ann.page, "Doors");
  await room.expectInside();
  await expectHears(ann, [olga.tone]);
  await stage.expectShown(["olga", "ann"]);

  await ben.hallway.open();
  await stage.setDoor("unlocked");
  await expect(ben.hallway.card("Doors").getByText("Locked for now")).toHaveCount(0);
  await ben.hallway.enter("Doors");
  await expectHears(ben, [olga.tone]);
  await stage.expectShown(["olga", "ann", "ben"]);
});

test("hands for those whom the speakers follow: one may, another may not, until a speaker follows them", async ({ house }) => {
  const [olga, ann, ben] = await house.members("olga", "ann", "ben");
  await follow(olga, "ann");
  const stage = await olga.hallway.start({ title: "Known hands", hands: "People followed by speakers may raise a hand" });
  const room = await ann.hallway.enter("Known hands");
  const seat = await ben.hallway.enter("Known hands");

  const shut = seat.page.getByRole("button", { name: "Followed only", exact: true });
  await expect(shut).toHaveAttribute("aria-disabled", "true");
  await shut.click({ force: true });
  await seat.page.keyboard.press("h");
  await bringOnStage(stage, "ann", room);
  await expectHears(ben, [ann.tone]);
  // Ann's hand came and went; of ben's there was never one.
  await expect(stage.page.getByRole("heading", { name: "No hands up" })).toBeVisible();
  await expect(shut).toBeVisible();

  // Whoever speaks counts, not only whoever owns the room.
  await follow(ann, "ben");
  await bringOnStage(stage, "ben", seat);
  await expectHears(ann, [ben.tone]);
  await expectHears(olga, [ann.tone, ben.tone]);
});

async function expectLockedOut(member: Member): Promise<void> {
  await member.hallway.card("Doors").getByRole("link", { name: "Doors" }).click();
  await expect(member.page.getByText("The door is locked for now.").first()).toBeVisible();
}
