// A network that lets no UDP through: media goes over TCP, on the port of the web.

import { chromium } from "@playwright/test";
import { chromiumPath, NO_UDP_ARGS } from "../harness/browsers.ts";
import { connections, expectHears, expectNoConnection, expectSilence } from "../harness/hearing.ts";
import { bringOnStage, expect, test as base } from "../harness/house.ts";
import { createPerson, type Person } from "../harness/person.ts";
import { expectKeptPromises } from "../harness/promises.ts";

const test = base.extend<{ walled: Person }>({
  walled: async ({ server }, use) => {
    const browser = await chromium.launch({ executablePath: chromiumPath(), args: NO_UDP_ARGS });
    const walled = await createPerson(browser, server.origin, "ann", 560, "tone", { reducedMotion: "reduce" });
    await use(walled);
    try {
      await expectKeptPromises(walled);
    } finally {
      await browser.close();
    }
  },
});

test("somebody whose network lets no UDP through hears and is heard, over the port of the web", async ({ house, server, walled }) => {
  const olga = await house.member("olga");
  const stage = await olga.hallway.start({ title: "Behind a wall" });
  await stage.setMicrophone("open");
  const ann = await house.welcome(walled);
  const room = await ann.hallway.enter("Behind a wall");
  await expectHears(ann, [olga.tone]);
  const over = { state: "connected", port: expect.any(Number), over: { protocol: "tcp", to: server.port } };
  expect(await connections(ann)).toEqual([over]);
  await bringOnStage(stage, "ann", room);
  await expectHears(olga, [ann.tone]);
  await expectHears(ann, [olga.tone]);
  await stage.act("ann", "Hold");
  await expectSilence(olga);
  expect(await connections(ann), "on one connection all the time").toEqual([over]);
  await stage.act("ann", "Remove from the room");
  await expectNoConnection(ann);
  await expectSilence(ann);
});
