// An evening of people with browsers, and a look after it: at the memory of the server, at the raw disk that it had for itself,
// and at everything that it said.

import { execFile } from "node:child_process";
import { networkInterfaces } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { chromium } from "@playwright/test";
import { CHROMIUM_ARGS, chromiumPath } from "../harness/browsers.ts";
import { Disk } from "../harness/disk.ts";
import { bringOnStage, expect, type House, type Member, portOf, test as base } from "../harness/house.ts";
import { expectHears, expectNoConnection } from "../harness/hearing.ts";
import { drawTag, foundIn, held, type Marks } from "../harness/memory.ts";
import { isRoot, notRun } from "../harness/needs.ts";
import { offersOf } from "../harness/offers.ts";
import { acceptInvitation } from "../harness/pages/door.ts";
import { Hallway } from "../harness/pages/hallway.ts";
import type { Room } from "../harness/pages/room.ts";
import { makeInvitation } from "../harness/pages/settings.ts";
import { createPerson } from "../harness/person.ts";
import { beside } from "../harness/program.ts";
import type { Server } from "../harness/server.ts";

const test = base.extend({
  disk: async ({}, use) => {
    if (!isRoot()) return use(undefined);
    const disk = await Disk.make();
    await use(disk);
    await disk.remove();
  },
});

test.describe.configure({ timeout: 120_000 });

/** By when it is gone. Looked at once. */
const AFTER_MS = 500;

test("half a second after an evening of browsers nothing of it is in the memory of the server, and never on its disk", async ({ server, disk, house, person }) => {
  if (disk === undefined) return notRun("nothing-left", "reading a server's memory is root's");
  const [ours, room, agent] = [drawTag(), drawTag(), drawTag()];
  const { dan, eve } = await another(house);
  const marked = (name: string) => person(`${ours}${name}`, undefined, { reducedMotion: "reduce", userAgent: `${agent} Mozilla/5.0` });
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
  const id = idOf(stage);
  const secrets: Marks = Object.assign({ "the invitation": new URL(link).hash.slice(1) }, id, ...(await Promise.all(people.map(secretsOf))));
  await expectThere(server, people, { ...secrets, "who came": ours, title: room, ann: ann.name, cleo: cleo.name });

  // The last one who leaves ends it.
  await rooms[0].leave();
  await rooms[1].leave();
  await stage.expectShown([ann.name]);
  await stage.leave();
  await Promise.all(people.map((one) => expectNoConnection(one)));
  await sleep(AFTER_MS);
  await expectNothing(server, "the room", { title: room, ...id, ...passwords(secrets) });

  await Promise.all(people.map(({ context }) => context.close()));
  await sleep(AFTER_MS);
  const all = { ...secrets, title: room, "their browsers": agent };
  await expectNothing(server, "its people", { ...all, "who came": ours });
  await expectHears(eve, [dan.tone]);

  await Promise.all([dan, eve].map(({ context }) => context.close()));
  await expectNothingWritten(server, disk, all, { "who came": ours });
});

test("nor is it of a closed room in which somebody was muted, one was put out, and a browser was killed", async ({ server, disk, house, person }) => {
  if (disk === undefined) return notRun("nothing-left-closed", "reading a server's memory is root's");
  const [ours, room, agent] = [drawTag(), drawTag(), drawTag()];
  const { dan, eve } = await another(house);
  const options = { reducedMotion: "reduce", userAgent: `${agent} Mozilla/5.0` } as const;
  const marked = (name: string) => person(`${ours}${name}`, undefined, options);
  const [ann, ben, cleo] = [await house.welcome(await marked("ann")), await house.welcome(await marked("ben")), await house.welcome(await marked("cleo"))];
  const browser = await chromium.launchServer({ executablePath: chromiumPath(), args: CHROMIUM_ARGS });
  const fay = await house.welcome(await createPerson(await chromium.connect(browser.wsEndpoint()), server.origin, `${ours}fay`, 770, "tone", options));

  const title = `${room} of the few`;
  const stage = await ann.hallway.start({ title, who: "Only people I pick", ask: [ben.name, cleo.name, fay.name] });
  await stage.setMicrophone("open");
  const rooms = [await ben.hallway.enter(title), await cleo.hallway.enter(title), await fay.hallway.enter(title)] as const;
  await bringOnStage(stage, ben.name, rooms[0]);
  await expectHears(cleo, [ann.tone, ben.tone]);
  await stage.act(ben.name, "Mute");
  await expectHears(cleo, [ann.tone]);
  const people = [ann, ben, cleo, fay];
  const id = idOf(stage);
  const secrets: Marks = Object.assign({ ...id }, ...(await Promise.all(people.map(secretsOf))));
  await expectThere(server, people, { ...secrets, "who came": ours, title: room });

  await stage.act(cleo.name, "Remove from the room");
  await expect(cleo.page.getByRole("heading", { name: "You were removed from this room" })).toBeVisible();
  await browser.kill();
  await expect(stage.person(fay.name)).toHaveAccessibleName(`${fay.name}, reconnecting`);
  await stage.menu("End the room for everyone");
  const [here, out] = [[ann, ben], cleo] as const;
  for (const one of here) await expect(one.page.getByRole("heading", { name: title, level: 1, exact: true })).toBeHidden({ timeout: 20_000 });
  await Promise.all([...here, out].map((one) => expectNoConnection(one)));
  await sleep(AFTER_MS);
  await expectNothing(server, "the room", { title: room, ...id, ...passwords(secrets) });

  await Promise.all([ann, ben, cleo].map(({ context }) => context.close()));
  await sleep(AFTER_MS);
  const all = { ...secrets, title: room, "their browsers": agent };
  await expectNothing(server, "its people", { ...all, "who came": ours });
  await expectHears(eve, [dan.tone]);

  await Promise.all([dan, eve].map(({ context }) => context.close()));
  await expectNothingWritten(server, disk, all, { "who came": ours });
});

/** Two whose names are not looked for, in a room that goes on. */
async function another(house: House): Promise<{ dan: Member; eve: Member }> {
  const [dan, eve] = await house.members("dan", "eve");
  const theirs = await dan.hallway.start({ title: "Something else" });
  await theirs.setMicrophone("open");
  await eve.hallway.enter("Something else");
  await expectHears(eve, [dan.tone]);
  return { dan, eve };
}

/** What is found later was to be found. */
async function expectThere(server: Server, people: readonly Member[], marks: Marks): Promise<void> {
  const { live } = await held(server, marks);
  const found = (what: string): boolean => live.some((place) => place.startsWith(`${what} `));
  for (const what of Object.keys(marks).filter((what) => !/'s|invitation/.test(what))) expect(found(what), what).toBe(true);
  for (const { name } of people) {
    for (const what of ["password as text", "account as bytes", "session's id as bytes"]) expect(found(`${name}'s ${what}`), `${name}'s ${what}`).toBe(true);
    expect(live.some((place) => place.startsWith(`${name}'s address`)), `${name}'s address`).toBe(true);
  }
}

/** The room's own id, as its address has it and as the server has it. */
function idOf(room: Room): Marks {
  const id = room.path.split("/").at(-1) ?? "";
  return { "the id, written": id, "the id": Buffer.from(id, "base64url") };
}

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
  const me = (await (await context.request.get("/api/v1/me")).json()) as { id: string; session: string };
  return {
    [`${name}'s account`]: Buffer.from(me.id, "base64url"),
    [`${name}'s account, written`]: me.id,
    [`${name}'s session's id`]: Buffer.from(me.session, "base64url"),
    [`${name}'s session's id, written`]: me.session,
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

/** Ends the server, and looks at its disk and at what it said: accounts are kept, and said by nobody. */
async function expectNothingWritten(server: Server, disk: Disk, marks: Marks, accounts: Marks): Promise<void> {
  await server.stop();
  const raw = await disk.raw();
  const isKept = ([what]: readonly [string, unknown]): boolean => /account|session's id/.test(what);
  const never = Object.fromEntries(Object.entries(marks).filter((mark) => !isKept(mark)));
  expect.soft(foundIn(raw, never), "on the raw disk").toEqual([]);
  // As bytes, the way the database has them.
  const kept = Object.entries(marks).filter((mark) => isKept(mark) && typeof mark[1] !== "string");
  for (const [what, mark] of [...Object.entries(accounts), ...kept]) {
    expect.soft(foundIn(raw, { [what]: mark }), `${what} is kept, and would be found`).not.toEqual([]);
  }

  expect.soft(foundIn(Buffer.from(server.said), { ...marks, ...accounts }), "said").toEqual([]);
  const harmless = promisify(execFile)(beside("harmless"), [server.origin]);
  harmless.child.stdin?.end(server.said);
  expect.soft((await harmless).stdout, "what is said cannot carry what anybody says").toBe("");
}

async function expectNothing(server: Server, of: string, marks: Marks): Promise<void> {
  const { live, parent } = await held(server, marks);
  expect.soft(live, `${of}, in live`).toEqual([]);
  expect.soft(parent, `${of}, in the parent`).toEqual([]);
}
