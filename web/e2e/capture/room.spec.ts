// The product with the browser's whole capture path in front of it: echo cancellation, noise suppression and all.

import { CapturedPerson } from "../harness/capture.ts";
import { expectHears, expectSilence } from "../harness/hearing.ts";
import { bringOnStage, test } from "../harness/house.ts";

test.describe.configure({ timeout: 180_000 });

test("two browsers with capture devices of their own hear each other through the server", async ({ house, server }) => {
  const one = await CapturedPerson.start(server.origin, "olga", 770);
  const two = await CapturedPerson.start(server.origin, "ann", 1210);
  try {
    const [olga, ann] = [await house.welcome(one.person), await house.welcome(two.person)];
    const stage = await olga.hallway.start({ title: "Real microphones" });
    await stage.setMicrophone("open");
    const room = await ann.hallway.enter("Real microphones");
    await expectHears(ann, [770]);
    await bringOnStage(stage, "ann", room);
    await expectHears(olga, [1210]);
    await stage.setMicrophone("muted");
    await expectSilence(ann);
    await expectHears(olga, [1210]);
  } finally {
    await Promise.all([one.close(), two.close()]);
  }
});
