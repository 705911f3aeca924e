// Firefox in the audience of a room whose packets hold two frames, and then one again.

import { test } from "../harness/fox.ts";
import { expectNoHarmFromPacking, neighbour, PACKS_FOR_TWO } from "../harness/packing.ts";

test.use({ serverArguments: PACKS_FOR_TWO });

test("Firefox hears on while two frames begin to share a packet, and while they no longer do", async ({ house, fox }) => {
  test.setTimeout(180_000);
  const [olga, ben] = await house.members("olga", "ben");
  await house.enrol("fox");
  await fox.page.goto(await house.signInLink("fox"));
  await fox.press("Sign in here");
  const stage = await olga.hallway.start({ title: "In full flow" });
  await stage.setMicrophone("open");
  await fox.press("In full flow", "link");
  await expectNoHarmFromPacking(fox, olga.tone, await neighbour(stage, "ben", await ben.hallway.enter("In full flow")));
});
