// An evening of people with browsers, and a look at the memory of the server after it.

import { networkInterfaces } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { bringOnStage, expect, type Member, portOf, test } from "../harness/house.ts";
import { expectHears, expectNoConnection } from "../harness/hearing.ts";
import { drawTag, type Marks, Memory } from "../harness/memory.ts";
import { isRoot, notRun } from "../harness/needs.ts";
import { offersOf } from "../harness/offers.ts";
import { acceptInvitation } from "../harness/pages/door.ts";
import { Hallway } from "../harness/pages/hallway.ts";
import { makeInvitation } from "../harness/pages/settings.ts";
import type { Server } from "../harness/server.ts";

test.describe.configure({ timeout: 120_000 });

/** By when it is gone. Looked at once. */
const AFTER_MS = 500;

test("half a second after an evening of browsers nothing of it is in the memory of the server", async ({ server, house, person }) => {
  if (!isRoot()) return notRun("nothing-left", "reading a server's memory is root's");
  const [ours, room] = [drawTag(), drawTag()];
  // Two whose names are not looked for, in a room that goes on.
  const [dan, eve] = await house.members("dan", "eve");
  const theirs = await dan.hallway.start({ title: "Something else" });
  await theirs.setMicrophone("open");
  await eve.hallway.enter("Something else");
  await expectHears(eve, [dan.tone]);

  const marked = (name: string) => person(`${ours}${name}`, undefined, { reducedMotion: "reduce", userAgent: `${ours} Mozilla/5.0` });
  const ann = await house.welcome(await marked("ann"));
  const ben = await house.welcome(await marked("ben"));
  const link = await invitation(ann);
  const guest = await marked("cleo");
  await acceptInvitation(guest.page, link, guest.name);
  const cleo: Member = { ...guest, hallway: new Hallway(guest.page) };

  const title = `${room} of the lake`;
  const stage = await ann.hallway.start({ title });
  await stage.setMicrophone("open");
  const rooms = [await ben.hallway.enter(title), await cleo.hallway.enter(title)] as const;
  await bringOnStage(stage, ben.name, rooms[0]);
  await expectHears(cleo, [ann.tone, ben.tone]);
  await expectHears(ann, [ben.tone]);
  await expectHears(ben, [ann.tone]);
  await (await rooms[1].react()).getByRole("button").first().click();

  const people = [ann, ben, cleo];
  const secrets: Marks = Object.assign({ "the invitation": new URL(link).hash.slice(1) }, ...(await Promise.all(people.map(secretsOf))));
  const there = (await Memory.of(await server.pid("live"))).find({ ...secrets, "who came": ours, title: room, ann: ann.name, cleo: cleo.name });
  for (const what of ["who came as text", "title as text", "ann as text", "cleo as text"]) expect(there).toContain(what);
  for (const { name } of people) {
    expect(there).toContain(`${name}'s password as text`);
    expect(there.filter((place) => place.startsWith(`${name}'s address`)), `${name}'s address`).not.toEqual([]);
  }

  // The last one who leaves ends it.
  await rooms[0].leave();
  await rooms[1].leave();
  await stage.expectShown([ann.name]);
  await stage.leave();
  await Promise.all(people.map((one) => expectNoConnection(one)));
  await sleep(AFTER_MS);
  await expectNothing(server, "the room", { title: room, ...passwords(secrets) });

  await Promise.all(people.map(({ context }) => context.close()));
  await sleep(AFTER_MS);
  await expectNothing(server, "its people", { ...secrets, "who came": ours, title: room });
  await expectHears(eve, [dan.tone]);
});

async function invitation(member: Member): Promise<string> {
  const tab = await member.context.newPage();
  const link = await makeInvitation(tab);
  await tab.close();
  return link;
}

/** What only this person and the server know. */
async function secretsOf(member: Member): Promise<Marks> {
  const { name, context } = member;
  const [cookie] = (await context.cookies()).filter(({ httpOnly }) => httpOnly);
  const remote = (await offersOf(member)).flatMap((offered) => offered.remote).at(-1) ?? "";
  const password = /^a=ice-pwd:(\S+)/m.exec(remote)?.[1];
  if (cookie === undefined || password === undefined) throw new Error(`${name} has no session or no connection`);
  return {
    [`${name}'s session`]: cookie.value,
    [`${name}'s password`]: password,
    ...addresses(name, await portOf(member)),
  };
}

/** Where somebody's packets come from, as we and the kernel write it: from one of the addresses of this machine. */
function addresses(name: string, port: number): Marks {
  const [little, big] = [Buffer.alloc(2), Buffer.alloc(2)];
  little.writeUInt16LE(port);
  big.writeUInt16BE(port);
  const zeros = Buffer.alloc(8);
  const written = (ip: Buffer): Buffer[] =>
    ip.length === 4
      ? [Buffer.concat([ip, little]), Buffer.concat([big, ip])]
      : [Buffer.concat([ip, little]), Buffer.concat([little, ip]), Buffer.concat([ip, zeros, little]), Buffer.concat([big, zeros.subarray(4), ip])];
  const here = Object.values(networkInterfaces()).flatMap((all) => all ?? []);
  return Object.fromEntries(
    here.flatMap(({ address }) => written(bytesOf(address)).map((bytes, i) => [`${name}'s address ${address} (${i})`, bytes] as const)),
  );
}

function bytesOf(address: string): Buffer {
  if (!address.includes(":")) return Buffer.from(address.split(".").map(Number));
  const [front = [], back = []] = address.split("::").map((half) => half.split(":").filter(Boolean));
  const groups = [...front, ...Array<string>(8 - front.length - back.length).fill("0"), ...back];
  return Buffer.from(groups.map((group) => group.padStart(4, "0")).join(""), "hex");
}

/** Of the connections of a room. */
function passwords(secrets: Marks): Marks {
  return Object.fromEntries(Object.entries(secrets).filter(([what]) => /password$/.test(what)));
}

async function expectNothing(server: Server, of: string, marks: Marks): Promise<void> {
  // Both as they are now, before anything is looked for.
  const [live, parent] = [await Memory.of(await server.pid("live")), await Memory.of(await server.pid("parent"))];
  expect.soft(live.find(marks), `${of}, in live`).toEqual([]);
  expect.soft(parent.find(marks), `${of}, in the parent`).toEqual([]);
}
