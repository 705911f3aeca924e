// Networks that become others in the middle of a word, or end without one.

import { Count } from "../harness/count.ts";
import { connections, expectHears, mark, NO_GAP_MS, soundLog } from "../harness/hearing.ts";
import { bringOnStage, expect, type House, type Member, portOf } from "../harness/house.ts";
import type { Room } from "../harness/pages/room.ts";
import type { Person } from "../harness/person.ts";
import { test } from "../harness/remote.ts";
import { until } from "../harness/until.ts";

interface Talk {
  readonly olga: Member;
  readonly ann: Member;
  readonly room: Room;
}

/** Olga and Ann talk. */
async function talk(house: House, speaker: Person): Promise<Talk> {
  const olga = await house.member("olga");
  const ann = await house.welcome(speaker);
  const stage = await olga.hallway.start({ title: "On the train" });
  await stage.setMicrophone("open");
  const room = await ann.hallway.enter("On the train");
  await bringOnStage(stage, "ann", room);
  await expectTheyTalk(olga, ann);
  return { olga, ann, room };
}

async function expectTheyTalk(olga: Member, ann: Member): Promise<void> {
  await Promise.all([expectHears(olga, [ann.tone]), expectHears(ann, [olga.tone])]);
}

/** Since `mark`, by listener. */
async function gaps(...people: Member[]): Promise<number[]> {
  return Promise.all(people.map(async (person) => (await soundLog(person)).gapMs));
}

test("a speaker whose address changes in the middle of a word is heard, and hears, without a gap", async ({ house, remote, tap }) => {
  const { person, network } = await remote("ann");
  const { olga, ann } = await talk(house, person);
  await Promise.all([mark(olga), mark(ann)]);
  // Of whom the server's port is known to the tap; Ann's is one of the network's.
  const count = await Count.begin(tap, olga);
  network.changesAddress();
  await expectTheyTalk(olga, ann);
  const [heard = 0, hearing = 0] = await gaps(olga, ann);
  await count.expectWhole();
  console.log(`measured: longest gap over a change of the speaker's address: heard ${heard} ms, hearing ${hearing} ms`);
  expect(Math.max(heard, hearing)).toBeLessThan(NO_GAP_MS);
  const made = (await connections(ann)).filter(({ state }) => state !== "new");
  expect(made.map(({ state }) => state), "the same connection").toEqual(["connected"]);
});

test("a path that dies without a word is replaced, and the speaker stays on stage with the microphone open", async ({ house, remote }) => {
  const { person, network } = await remote("ann");
  const { olga, ann, room } = await talk(house, person);
  const [port, path] = [await portOf(ann), room.path];
  await Promise.all([mark(olga), mark(ann)]);
  const dead = Date.now();
  network.forgetsEverything();
  const isFresh = async (): Promise<boolean> => (await connections(ann)).some((one) => one.port !== null && one.port !== port);
  await until("a fresh connection", 10_000, async () => (await isFresh()) || undefined);
  const replaced = Date.now() - dead;
  await expectTheyTalk(olga, ann);
  const [heard = 0, hearing = 0] = await gaps(olga, ann);
  console.log(`measured: a dead path: replaced after ${replaced} ms, heard again after ${heard} ms, hearing again after ${hearing} ms`);
  expect(Math.min(heard, hearing), "the death was felt").toBeGreaterThan(1_000);
  expect(replaced, "noticed within two seconds, and connected").toBeLessThan(3_500);
  expect(Math.max(heard, hearing)).toBeLessThan(4_000);
  expect(room.path).toBe(path);
  await expect(room.microphone).toHaveAttribute("aria-pressed", "true");
});
