// What a program can send that no page of ours would: refused with a stable code, nothing lost, and everybody else is
// served. Spoken from outside the browser.

import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { Page } from "@playwright/test";
import { expect, type House, test as base } from "../harness/house.ts";
import { expectHears } from "../harness/hearing.ts";
import { ask, OPCODE, post, Refused, Wire } from "../harness/wire.ts";

const OFFER = readFileSync(
  resolve(import.meta.dirname, "../../../crates/media/corpus/offers/chromium-156-sendrecv-3.sdp"),
  "utf8",
);

/** Somebody signed in who speaks bytes. */
interface Rude {
  readonly port: number;
  readonly headers: Readonly<Record<string, string>>;
}

async function rude(house: House, name: string): Promise<Rude> {
  const person = await house.person(name);
  await house.signUp(person);
  const { origin, port } = house.server;
  const [cookie] = await person.context.cookies(origin);
  if (cookie === undefined) throw new Error("no session");
  return { port, headers: { origin, cookie: `${cookie.name}=${cookie.value}` } };
}

/** Others are served: a page, an answer, and a conversation that goes on. */
const test = base.extend<{ served: void }>({
  served: [
    async ({ house }, use) => {
      const [olga, ben] = await house.members("olga", "ben");
      const stage = await olga.hallway.start({ title: "Undisturbed" });
      await stage.setMicrophone("open");
      const room = await ben.hallway.enter("Undisturbed");
      await expectHears(ben, [olga.tone]);
      const live = await house.server.pid("live");
      await use();
      await expectHears(ben, [olga.tone]);
      await room.expectShown(["olga", "ben"]);
      expect(await house.server.pid("live"), "the same process").toBe(live);
      await expectFresh(ben.page);
    },
    { auto: true },
  ],
});

async function expectFresh(page: Page): Promise<void> {
  const door = await page.context().request.get("/api/v1/server");
  expect(door.status()).toBe(200);
}

const failed = (error: string, request: number | null = null): string => JSON.stringify({ type: "failed", request, error });

test("a page of another origin changes nothing and gets no line", async ({ house }) => {
  const { port, headers } = await rude(house, "mo");
  const { cookie = "" } = headers;
  for (const origin of ["http://evil.example", "null", `https://localhost:${port}`, `http://localhost:${port + 1}`]) {
    const renamed = await post(port, "/me/name", { name: "Mallory" }, { host: `localhost:${port}`, cookie, origin });
    expect([renamed.status, renamed.body], origin).toEqual([403, '{"error":"wrong_origin"}']);
    const refused = await Wire.open(port, { cookie, origin }).catch((error: unknown) => error);
    expect(refused, origin).toBeInstanceOf(Refused);
    expect(refused).toMatchObject({ status: 403, text: '{"error":"wrong_origin"}' });
  }
  const crossSite = await post(port, "/me/name", { name: "Mallory" }, { cookie, "sec-fetch-site": "cross-site" });
  expect([crossSite.status, crossSite.body]).toEqual([403, '{"error":"wrong_origin"}']);
  const me = await ask(port, "/api/v1/me", { headers });
  expect(JSON.parse(me.body)).toMatchObject({ name: "mo" });
  // The same words from the right place are taken.
  expect((await post(port, "/me/name", { name: "Moritz" }, { ...headers, host: `localhost:${port}` })).status).toBe(200);
  (await Wire.greet(port, headers)).drop();
});

test("without a session there is no line and no account", async ({ house }) => {
  const { port, origin } = house.server;
  for (const cookie of ["", "s=", "s=AAAA", `s=${"A".repeat(43)}`, `__Host-s=${"A".repeat(43)}`]) {
    const refused = await Wire.open(port, { origin, cookie }).catch((error: unknown) => error);
    expect(refused, cookie).toMatchObject({ status: 401, text: '{"error":"signed_out"}' });
    expect(await ask(port, "/api/v1/me", { headers: { cookie } })).toMatchObject({ status: 401, body: '{"error":"signed_out"}' });
  }
});

test("bodies that are too long, broken or not JSON get a stable code", async ({ house }) => {
  const { port, headers } = await rude(house, "mo");
  const told = async (path: string, body: string | Buffer, type = "application/json"): Promise<unknown[]> => {
    const answer = await ask(port, `/api/v1${path}`, { method: "POST", headers: { ...headers, "content-type": type }, body });
    return [answer.status, answer.body];
  };
  expect(await told("/me/name", JSON.stringify({ name: "x".repeat(70_000) }))).toEqual([413, '{"error":"too_large"}']);
  expect(await told("/me/name", "{")).toEqual([400, '{"error":"malformed"}']);
  expect(await told("/me/name", "")).toEqual([400, '{"error":"malformed"}']);
  expect(await told("/me/name", Buffer.from([0x7b, 0xff, 0xfe, 0x7d]))).toEqual([400, '{"error":"malformed"}']);
  expect(await told("/me/name", "[".repeat(50_000))).toEqual([400, '{"error":"malformed"}']);
  expect(await told("/me/name", '{"name":"mo"}', "text/plain")).toEqual([400, '{"error":"malformed"}']);
  expect(await told("/me/name", "name=mo", "application/x-www-form-urlencoded")).toEqual([400, '{"error":"malformed"}']);
  expect(await told("/me/name", JSON.stringify({ name: "a\u202eb" }))).toEqual([422, '{"error":"bad_name"}']);
  expect(await told("/me/name", JSON.stringify({ name: "x".repeat(41) }))).toEqual([422, '{"error":"bad_name"}']);
  expect(await told("/nowhere", "{}")).toEqual([404, '{"error":"not_there"}']);
  const wrong = await ask(port, "/api/v1/me", { method: "DELETE", headers });
  expect([wrong.status, wrong.body]).toEqual([404, '{"error":"not_there"}']);
  const many = await ask(port, "/api/v1/me", { headers: { ...headers, "x-long": "x".repeat(900_000) } }).then(
    ({ status }) => status,
    () => "hung up",
  );
  expect([431, "hung up"]).toContain(many);
  expect(JSON.parse((await ask(port, "/api/v1/me", { headers })).body)).toMatchObject({ name: "mo" });
});

test("messages out of order, malformed or of tomorrow are answered by number, and the line stays", async ({ house }) => {
  const { port, headers } = await rude(house, "mo");
  const wire = await Wire.open(port, headers);
  const enter = { type: "enter_room", request: 7, room: "A".repeat(22), offer: OFFER, seat: null };
  expect(await wire.answer(enter)).toBe(failed("out_of_order", 7));
  expect(await wire.answer({ type: "leave" })).toBe(failed("out_of_order"));
  wire.say({ type: "a_type_of_tomorrow", with: ["anything"] });
  wire.say({ type: "hello", protocol: 1, bundle: null, capabilities: ["unheard of"], future: 1 });
  await wire.next("welcome");
  expect(await wire.answer({ type: "hello", protocol: 1, bundle: null })).toBe(failed("out_of_order"));

  const id = "A".repeat(22);
  const command = (error: string): string => JSON.stringify({ type: "command", result: { id, error } });
  expect(await wire.answer({ type: "command", id, command: { do: "raise_hand" } })).toBe(command("out_of_order"));
  expect(await wire.answer({ type: "command", id, command: { do: "open_their_microphone" } })).toBe(command("malformed"));
  expect(await wire.answer({ type: "command", id, command: "x" })).toBe(command("malformed"));
  expect(await wire.answer({ type: "leave" })).toBe(failed("out_of_order"));
  expect(await wire.answer({ type: "resync" })).toBe(failed("out_of_order"));
  expect(await wire.answer({ type: "media", request: 8, offer: OFFER })).toBe(failed("out_of_order", 8));
  expect(await wire.answer({ type: "find_people", request: 9, text: "a" })).toBe(failed("out_of_order", 9));
  expect(await wire.answer({ type: "relay", to: [1], sealed: "AAAA" })).toBe(failed("out_of_order"));
  expect(await wire.answer({ type: "enter_room", request: 1, room: "short", offer: OFFER, seat: null })).toBe(failed("malformed", 1));
  expect(await wire.answer({ type: "enter_room", request: 2, room: id, offer: "v=0", seat: null })).toBe(failed("bad_offer", 2));
  expect(await wire.answer({ type: "enter_room", request: 3, room: id, offer: null, seat: null })).toBe(failed("bad_offer", 3));
  const room = { title: "x".repeat(61), kind: "open", hands: "everyone" };
  expect(await wire.answer({ type: "start_room", request: 4, room, offer: OFFER })).toBe(failed("bad_title", 4));
  expect(await wire.answer({ type: "start_room", request: 5, room: { ...room, title: "a", ask: ["."] }, offer: OFFER })).toBe(failed("bad_handle", 5));
  expect(await wire.answer({ type: "start_room", request: -1, room, offer: OFFER })).toMatch(/"failed","request":null/);
  for (const text of ["", "null", "[]", "{}", "{", '{"type":7}', '"hello"', "[".repeat(60_000)]) {
    expect(await wire.answer(text), text.slice(0, 20)).toBe(failed("malformed"));
  }
  const from = wire.texts.length;
  wire.frame(OPCODE.binary, Buffer.from([1, 2, 3]));
  expect(await wire.next("failed", from)).toMatchObject({ error: "malformed" });
  const before = wire.texts.length;
  wire.say({ type: "command_of_tomorrow" });
  wire.say({ type: "ping" });
  await wire.next("pong", before);
  expect(wire.texts.slice(before), "an unknown type is passed over").toEqual(['{"type":"pong"}']);
  wire.drop();
});

test("an old client is told so, and a silent one is not waited for", async ({ house }) => {
  const { port, headers } = await rude(house, "mo");
  const old = await Wire.open(port, headers);
  old.say({ type: "hello", protocol: 999, bundle: null });
  expect(await old.next("failed")).toMatchObject({ error: "old_client" });
  expect(await old.closed()).toBe(4426);
  const silent = await Wire.open(port, headers);
  expect(await silent.closed(15_000)).toBe(4408);
});

test("what is a little too long is answered, what is beyond all bounds or no frame at all ends that line only", async ({ house }) => {
  const { port, headers } = await rude(house, "mo");
  const wire = await Wire.greet(port, headers);
  expect(await wire.answer({ type: "find_people", request: 1, text: "x".repeat(97 * 1024) })).toBe(failed("too_large"));
  wire.say({ type: "ping" });
  await wire.next("pong");

  const breaks: Array<[string, (wire: Wire) => void]> = [
    ["a message of a megabyte", (line) => line.frame(OPCODE.text, "x".repeat(1 << 20))],
    ["an announced exabyte", (line) => line.raw(Buffer.from([0x81, 0xff, 0x0f, 255, 255, 255, 255, 255, 255, 255, 0, 0, 0, 0]))],
    ["a frame without a mask", (line) => line.frame(OPCODE.text, "{}", { masked: false })],
    ["an opcode that is none", (line) => line.frame(OPCODE.reserved, "{}")],
    ["text that is not UTF-8", (line) => line.frame(OPCODE.text, Buffer.from([0xc3, 0x28]))],
    ["a continuation of nothing", (line) => line.frame(OPCODE.continuation, "{}")],
    ["a fragmented ping", (line) => line.frame(OPCODE.ping, "x", { fin: false })],
    ["noise", (line) => line.raw(Buffer.from("GET / HTTP/1.1\r\n\r\n".repeat(20)))],
  ];
  for (const [what, send] of breaks) {
    const line = await Wire.greet(port, headers);
    send(line);
    expect(await line.closed(), what).toBe(1002);
  }
  const still = wire.texts.length;
  wire.say({ type: "ping" });
  await wire.next("pong", still);
  wire.drop();
});

test("a flood of commands is refused by number, then cut, and its sender may come again", async ({ house }) => {
  const { port, headers } = await rude(house, "mo");
  const wire = await Wire.greet(port, headers);
  const id = (at: number): string => Buffer.from(String(at).padStart(16, "0")).toString("base64url");
  for (let at = 0; at < 400; at++) wire.say({ type: "command", id: id(at), command: { do: "raise_hand" } });
  expect(await wire.closed()).toBe(4429);
  const codes = wire.texts.filter((text) => text.includes('"command"')).map((text) => JSON.parse(text).result.error as string);
  expect(codes.filter((code) => code === "out_of_order").length, "those within the rate").toBeGreaterThanOrEqual(50);
  expect(codes.filter((code) => code === "too_many").length, "those beyond it").toBeGreaterThanOrEqual(150);
  expect(new Set(codes)).toEqual(new Set(["out_of_order", "too_many"]));
  (await Wire.greet(port, headers)).drop();
});

test("half-open lines hold nobody up, and one member has only so many", async ({ house }) => {
  const { port, headers } = await rude(house, "mo");
  const other = await rude(house, "nell");
  const tried = await Promise.allSettled(Array.from({ length: 100 }, () => Wire.open(port, headers)));
  const lines = tried.flatMap((line) => (line.status === "fulfilled" ? [line.value] : []));
  const refused = tried.flatMap((line) => (line.status === "rejected" ? [String(line.reason)] : []));
  expect(lines, "every tab of every device, and more").toHaveLength(20);
  expect(refused).toHaveLength(80);
  const fresh = await Wire.greet(other.port, other.headers);
  fresh.say({ type: "ping" });
  await fresh.next("pong");
  for (const line of [...lines, fresh]) line.drop();
});

test("a closed room and one that never was are told in the same bytes, on every way", async ({ house }) => {
  const [cleo, dan] = [await house.member("cleo"), await house.member("dan")];
  const closed = await cleo.hallway.start({ title: "Between us", who: "Only people I pick", ask: ["dan"] });
  await expect(dan.hallway.card("Between us")).toBeVisible();
  const room = closed.path.split("/").at(-1) ?? "";
  const invented = Buffer.from(Buffer.from(room, "base64url").map((byte) => byte ^ 0x55)).toString("base64url");
  expect(room).toHaveLength(22);

  const { port, headers } = await rude(house, "mo");
  const wire = await Wire.greet(port, headers);
  expect(await wire.next("welcome")).toMatchObject({ hallway: [{ title: "Undisturbed" }] });
  // Well formed, and nobody's: 128 bits as every identifier is written.
  const seat = "A".repeat(22);
  for (const message of [
    (id: string) => ({ type: "enter_room", request: 1, room: id, offer: OFFER, seat: null }),
    (id: string) => ({ type: "enter_room", request: 1, room: id, offer: OFFER, seat }),
    (id: string) => ({ type: "enter_room", request: 1, room: id, offer: null, seat }),
    (id: string) => ({ type: "enter_room", request: 1, room: id, offer: null, seat: null }),
    (id: string) => ({ type: "enter_room", request: 1, room: id, offer: "v=0", seat: null }),
    (id: string) => ({ type: "decline_room", room: id }),
  ]) {
    const there = await wire.answer(message(room));
    expect(there, JSON.stringify(message("…")).slice(0, 60)).toBe(await wire.answer(message(invented)));
    expect(there).toMatch(/"type":"failed"/);
  }
  const page = async (id: string): Promise<unknown> => {
    const { status, headers: said, body } = await ask(port, `/r/${id}`, { headers });
    return { status, body, headers: Object.entries(said).filter(([name]) => name !== "date") };
  };
  expect(await page(room)).toEqual(await page(invented));
  expect(wire.texts.join("\n"), "in no list, no count").not.toContain(room);
  // The one who was asked does get in by the same words.
  const asked = await dan.hallway.enter("Between us");
  await asked.expectShown(["cleo", "dan"]);
  wire.drop();
});
