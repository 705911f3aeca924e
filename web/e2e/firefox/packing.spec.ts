// Firefox in the audience of a room whose packets hold two frames, and then one again.

import { test } from "../harness/fox.ts";
import { expectNoHarmFromPacking, PACKS_FOR_TWO } from "../harness/packing.ts";
import { Visitor } from "../harness/visitor.ts";

test.use({ serverArguments: PACKS_FOR_TWO });

test("Firefox hears on while two frames begin to share a packet, and while they no longer do", async ({ house, fox }) => {
  test.setTimeout(180_000);
  const olga = await house.member("olga");
  for (const name of ["fox", "ben"]) await house.enrol(name);
  await fox.page.goto(await house.signInLink("fox"));
  await fox.press("Sign in here");
  const stage = await olga.hallway.start({ title: "In full flow" });
  await stage.setMicrophone("open");
  await fox.press("In full flow", "link");
  const ben = await Visitor.outside(olga.page.url(), await house.signInLink("ben"));
  try {
    await expectNoHarmFromPacking(fox, olga.tone, ben);
  } finally {
    await ben.end();
  }
});
