// Several frames in one packet, for the audience of a room that is large enough.

import { watch } from "../harness/hearing.ts";
import { bringOnStage, expect, test } from "../harness/house.ts";
import { expectNoHarmFromPacking, PACKS_FOR_TWO, packetsPerSecond } from "../harness/packing.ts";
import { Visitor } from "../harness/visitor.ts";

test.use({ serverArguments: PACKS_FOR_TWO });
test.describe.configure({ timeout: 180_000 });

test("the audience hears on while two frames begin to share a packet, and while they no longer do", async ({ house }) => {
  const [olga, ann] = await house.members("olga", "ann");
  await house.enrol("ben");
  const stage = await olga.hallway.start({ title: "In full flow" });
  await stage.setMicrophone("open");
  await ann.hallway.enter("In full flow");
  const ben = await Visitor.outside(ann.page.url(), await house.signInLink("ben"));
  try {
    await expectNoHarmFromPacking(ann, olga.tone, ben);
  } finally {
    await ben.end();
  }
});

test("whoever comes up on stage hears frame by frame, while the audience does not", async ({ house }) => {
  const [olga, ann, ben, cleo] = await house.members("olga", "ann", "ben", "cleo");
  const stage = await olga.hallway.start({ title: "In full flow" });
  await stage.setMicrophone("open");
  const room = await ann.hallway.enter("In full flow");
  for (const listener of [ben, cleo]) await listener.hallway.enter("In full flow");
  const rate = async (listener: typeof ann): Promise<number> => packetsPerSecond(await watch(listener, 1_000));
  await expect.poll(() => rate(ann)).toBeLessThan(30);
  await bringOnStage(stage, "ann", room);
  await room.setMicrophone("muted");
  await expect.poll(() => rate(ann)).toBeGreaterThan(45);
  expect(await rate(ben)).toBeLessThan(30);
});
