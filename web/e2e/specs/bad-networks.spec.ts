// A network that falls silent for a moment: what a listener hears after it. Of networks that lose, Firefox's specs have
// both browsers in one room.

import { expectCleanAfterHoles, expectHeard, lecture } from "../harness/bad-network.ts";
import { test } from "../harness/remote.ts";

test("after a hole of 200 ms the sound is clean again within 100 ms, and soon as quick as before", async ({ house, calm, remote }) => {
  await lecture(house, await calm("olga"), "On bridges");
  const { person, network } = await remote("ann");
  const ann = await house.welcome(person);
  await ann.hallway.enter("On bridges");
  await expectHeard(ann);
  await expectCleanAfterHoles({ listener: ann, network });
});
