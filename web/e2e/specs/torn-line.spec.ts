// The web's line is torn, or swallows everything, and the sound beside it goes on: nobody at either end closed anything.

import { Cable } from "../harness/cable.ts";
import { Count } from "../harness/count.ts";
import { expectHears, mark, NO_GAP_MS, soundLog } from "../harness/hearing.ts";
import { bringOnStage, expect, type House, type Member, portOf, test as base } from "../harness/house.ts";
import type { Room } from "../harness/pages/room.ts";
import { Server } from "../harness/server.ts";
import type { Tap } from "../harness/tap.ts";

/** `SILENCE_MAX_MS` of the client's line and the period of its questions, and what it takes to come back. */
const NOTICED_MS = 9_000 + 5_000 + 5_000;

const test = base.extend<{ cable: Cable }>({
  cable: async ({}, use) => {
    const cable = await Cable.open();
    await use(cable);
    cable.close();
  },
  // Its address, as people have it, is the cable's.
  server: async ({ cable }, use, info) => {
    const origin = `http://localhost:${cable.port}`;
    const server = await Server.start({ arguments: ["--public-url", origin], origin });
    cable.leadTo(server.port);
    try {
      await use(server);
    } finally {
      if (info.status !== info.expectedStatus) await info.attach("server", { body: server.said });
      await server.stop();
    }
  },
});

test.describe.configure({ timeout: 180_000 });

interface Conversation {
  readonly people: readonly [Member, Member, Member];
  readonly rooms: readonly [Room, Room, Room];
}

/** Olga and Ann talk, Ben listens. */
async function talk(house: House): Promise<Conversation> {
  const [olga, ann, ben] = await house.members("olga", "ann", "ben");
  const stage = await olga.hallway.start({ title: "Storm" });
  await stage.setMicrophone("open");
  const [room, seat] = [await ann.hallway.enter("Storm"), await ben.hallway.enter("Storm")];
  await bringOnStage(stage, "ann", room);
  await expectHeard([olga, ann, ben]);
  return { people: [olga, ann, ben], rooms: [stage, room, seat] };
}

async function expectHeard([olga, ann, ben]: readonly [Member, Member, Member]): Promise<void> {
  await Promise.all([expectHears(olga, [ann.tone]), expectHears(ann, [olga.tone]), expectHears(ben, [olga.tone, ann.tone])]);
}

/** What `happens` to the line, everybody comes back from, and hears all the while. */
async function expectNoGap(tap: Tap, { people, rooms }: Conversation, what: string, withinMs: number, happens: () => number): Promise<void> {
  const ports = await Promise.all(people.map(portOf));
  await Promise.all(people.map(mark));
  const count = await Count.begin(tap, ...people);
  const again = people.map((person) => person.page.waitForEvent("websocket", { timeout: withinMs }));
  const since = Date.now();
  expect(happens(), "a socket each, at least").toBeGreaterThanOrEqual(people.length);
  await Promise.all(again.map(async (socket) => (await socket).waitForEvent("framereceived")));
  const back = Date.now() - since;
  for (const room of rooms) {
    await room.expectShown(["olga", "ann", "ben"]);
    await expect.poll(async () => (await room.shown()).filter(({ states }) => states.includes("reconnecting"))).toEqual([]);
  }
  await expectHeard(people);
  const gaps = await Promise.all(people.map(async (person) => (await soundLog(person)).gapMs));
  console.log(`measured: ${what}: lines stand again after ${back} ms, longest gap of the sound ${Math.max(...gaps)} ms`);
  await count.expectWhole();
  expect(Math.max(...gaps)).toBeLessThan(NO_GAP_MS);
  expect(await Promise.all(people.map(portOf)), "the same connections").toEqual(ports);
}

test("the socket is torn at both ends at once: the sound goes on without a gap, and commands arrive again", async ({ house, tap, cable }) => {
  const all = await talk(house);
  await expectNoGap(tap, all, "torn socket", 5_000, () => cable.tear());
  const [[olga, , ben], [, room]] = [all.people, all.rooms];
  await room.setMicrophone("muted");
  await expectHears(ben, [olga.tone]);
});

test("the socket stays open and swallows everything: it is noticed, a new one opens, and the sound goes on", async ({ house, tap, cable }) => {
  const all = await talk(house);
  await expectNoGap(tap, all, "clogged socket", NOTICED_MS, () => cable.clog());
  const [[olga, , ben], [, room]] = [all.people, all.rooms];
  await room.setMicrophone("muted");
  await expectHears(ben, [olga.tone]);
});

test("who mutes while the socket swallows everything stays muted, and the room learns of it from the next one", async ({ house, cable }) => {
  const { people, rooms } = await talk(house);
  const [[olga, ann, ben], [stage, room]] = [people, rooms];
  const again = ann.page.waitForEvent("websocket", { timeout: NOTICED_MS });
  cable.clog();
  await room.microphone.click();
  await expect(room.microphone).toHaveAttribute("aria-pressed", "false");
  await expectHears(ben, [olga.tone]);
  await (await again).waitForEvent("framereceived");
  await expect(stage.person("ann")).toHaveAccessibleName(/muted/);
  await expect(room.microphone).toHaveAttribute("aria-busy", "false");
  await expect(room.microphone).toHaveAttribute("aria-pressed", "false");
  await expectHears(ben, [olga.tone]);
});
