// Networks that lose, and that fall silent for a moment: what a listener hears meanwhile, and after. Firefox does not know
// redundancy: it has the error correction inside the voice, and nothing else.

import { expectCleanAfterHoles, expectHeard, expectInventedAtMost, lecture, type RemoteListener } from "../harness/bad-network.ts";
import { test as base } from "../harness/fox.ts";
import { LossyNetwork } from "../harness/lossy.ts";
import { installWithoutRedundancy } from "../harness/speech.ts";

const test = base.extend<{ chromium: (name: string, script?: () => void) => Promise<RemoteListener>; firefox: RemoteListener }>({
  // Both enter the lecture.
  firefox: async ({ server, house, calm, fox }, use) => {
    await lecture(house, await calm("olga"), "On bridges");
    const addInitScript = (script: (port: number) => void, port: number): Promise<unknown> => fox.page.evaluateOnNewDocument(script, port);
    const network = await LossyNetwork.before({ context: { addInitScript } }, server.port);
    await house.enrol("fox");
    await fox.page.goto(await house.signInLink("fox"));
    await fox.press("Sign in here");
    await fox.press("On bridges", "link");
    await expectHeard(fox);
    await use({ listener: fox, network });
    network.close();
  },
  chromium: async ({ server, house, calm }, use) => {
    const networks: LossyNetwork[] = [];
    await use(async (name, script) => {
      const person = await calm(name);
      const network = await LossyNetwork.before(person, server.port);
      networks.push(network);
      if (script !== undefined) await person.context.addInitScript(script);
      await (await house.welcome(person)).hallway.enter("On bridges");
      await expectHeard(person);
      return { listener: person, network };
    });
    for (const network of networks) network.close();
  },
});

test("who loses one packet in ten hears at most 2 % that is invented with redundancy, and at most 5 % without", async ({
  firefox,
  chromium,
}) => {
  const [redundant, plain] = await Promise.all([chromium("ann"), chromium("ben", installWithoutRedundancy)]);
  await Promise.all([expectInventedAtMost(redundant, 0.02), expectInventedAtMost(plain, 0.05), expectInventedAtMost(firefox, 0.05)]);
});

test("after a hole of 200 ms Firefox's sound is clean again within 100 ms, and soon as quick as before", async ({ firefox }) => {
  await expectCleanAfterHoles(firefox);
});
