// A client without a browser and without manners: HTTP and WebSocket frames as bytes (RFC 6455).

import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { request } from "node:http";
import { connect, type Socket } from "node:net";
import { until } from "./until.ts";

/** How long an answer may take. */
const ANSWER_MS = 10_000;

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

export interface Asking {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

/** One request on a connection of its own, with exactly these headers. */
export async function ask(port: number, path: string, { method = "GET", headers = {}, body }: Asking = {}): Promise<Answer> {
  const length: Record<string, string> = body === undefined ? {} : { "content-length": String(Buffer.byteLength(body)) };
  const asked = request({ host: "127.0.0.1", port, path, method, agent: false, headers: { ...length, ...headers } });
  asked.setTimeout(ANSWER_MS, () => asked.destroy(new Error(`${path}: no answer`)));
  const [answer] = await Promise.all([once(asked, "response"), asked.end(body)]);
  const chunks: Buffer[] = [];
  for await (const chunk of answer[0]) chunks.push(chunk as Buffer);
  return { status: answer[0].statusCode, headers: answer[0].headers, body: Buffer.concat(chunks).toString() };
}

/** A JSON request of a member. */
export function post(port: number, path: string, body: unknown, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return ask(port, `/api/v1${path}`, { method: "POST", headers: { "content-type": "application/json", ...headers }, body: text });
}

export const OPCODE = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10, reserved: 3 } as const;

export interface Message {
  readonly type: string;
  readonly [field: string]: unknown;
}

/** The upgrade was answered with something else. */
export class Refused extends Error {
  constructor(
    readonly status: number,
    readonly text: string,
  ) {
    super(`${status} ${text}`);
  }
}

export class Wire {
  readonly #socket: Socket;
  #rest = Buffer.alloc(0);
  #closed: number | undefined;
  /** Every text that came, in order, as bytes came. */
  readonly texts: string[] = [];

  private constructor(socket: Socket, rest: Buffer) {
    this.#socket = socket;
    socket.on("error", () => undefined);
    socket.on("data", (bytes) => this.#hear(bytes));
    socket.on("close", () => {
      // RFC 6455 section 7.1.5: a connection that ends without a close frame.
      this.#closed ??= 1006;
    });
    this.#hear(rest);
  }

  /** Upgrades, or throws `Refused`. */
  static async open(port: number, headers: Readonly<Record<string, string>>): Promise<Wire> {
    const socket = connect(port, "127.0.0.1");
    await once(socket, "connect");
    const lines = Object.entries({
      host: `localhost:${port}`,
      connection: "Upgrade",
      upgrade: "websocket",
      "sec-websocket-version": "13",
      "sec-websocket-key": randomBytes(16).toString("base64"),
      ...headers,
    }).map(([name, value]) => `${name}: ${value}\r\n`);
    socket.write(`GET /api/v1/socket HTTP/1.1\r\n${lines.join("")}\r\n`);
    let got = Buffer.alloc(0);
    while (!got.includes("\r\n\r\n")) got = Buffer.concat([got, ((await once(socket, "data")) as [Buffer])[0]]);
    const end = got.indexOf("\r\n\r\n");
    const status = Number(got.subarray(9, 12).toString());
    if (status !== 101) {
      socket.destroy();
      throw new Refused(status, got.subarray(end + 4).toString());
    }
    return new Wire(socket, got.subarray(end + 4));
  }

  /** Signed in, and welcomed. */
  static async greet(port: number, headers: Readonly<Record<string, string>>): Promise<Wire> {
    const wire = await Wire.open(port, headers);
    wire.say({ type: "hello", protocol: 1, bundle: null });
    await wire.next("welcome");
    return wire;
  }

  say(message: unknown): void {
    this.frame(OPCODE.text, typeof message === "string" ? message : JSON.stringify(message));
  }

  /** One frame, masked as clients must. */
  frame(opcode: number, payload: string | Buffer, { masked = true, fin = true }: { masked?: boolean; fin?: boolean } = {}): void {
    const data = Buffer.from(payload);
    const length =
      data.length < 126
        ? Buffer.from([data.length])
        : data.length < 65_536
          ? Buffer.from([126, data.length >> 8, data.length & 255])
          : Buffer.from([127, 0, 0, 0, 0, data.length >>> 24, (data.length >> 16) & 255, (data.length >> 8) & 255, data.length & 255]);
    const first = Buffer.from([(fin ? 128 : 0) | opcode]);
    if (!masked) return void this.#socket.write(Buffer.concat([first, length, data]));
    length[0] = (length[0] ?? 0) | 128;
    const mask = randomBytes(4);
    const hidden = data.map((byte, at) => byte ^ (mask[at % 4] ?? 0));
    this.#socket.write(Buffer.concat([first, length, mask, hidden]));
  }

  raw(bytes: Buffer): void {
    this.#socket.write(bytes);
  }

  /** Waits for a message of this type that is not older than `from` (an index into `texts`). */
  async next(type: string, from = 0): Promise<Message> {
    return until(`a ${type} message`, ANSWER_MS, async () => {
      const found = this.texts.slice(from).map((text) => JSON.parse(text) as Message).find((message) => message.type === type);
      if (found === undefined && this.#closed !== undefined) throw new Error(`no ${type}: closed with ${this.#closed}`);
      return found;
    });
  }

  /** Says it, and gives the first answer that is a `failed`, a `command`, or a type named here. */
  async answer(message: unknown, ...types: string[]): Promise<string> {
    const from = this.texts.length;
    this.say(message);
    return until("an answer", ANSWER_MS, async () => {
      const answers = ["failed", "command", ...types];
      const found = this.texts.slice(from).find((text) => answers.includes((JSON.parse(text) as Message).type));
      if (found === undefined && this.#closed !== undefined) throw new Error(`no answer: closed with ${this.#closed}`);
      return found;
    });
  }

  /** The close code, once it is closed. */
  closed(withinMs = ANSWER_MS): Promise<number> {
    return until("the socket closes", withinMs, async () => this.#closed);
  }

  get isOpen(): boolean {
    return this.#closed === undefined;
  }

  drop(): void {
    this.#socket.destroy();
  }

  #hear(bytes: Buffer): void {
    this.#rest = Buffer.concat([this.#rest, bytes]);
    for (;;) {
      const [first, second] = this.#rest;
      if (first === undefined || second === undefined) return;
      const [short, head] = [second & 127, (second & 127) === 126 ? 4 : (second & 127) === 127 ? 10 : 2];
      if (this.#rest.length < head) return;
      const length = short === 126 ? this.#rest.readUInt16BE(2) : short === 127 ? Number(this.#rest.readBigUInt64BE(2)) : short;
      if (this.#rest.length < head + length) return;
      const payload = this.#rest.subarray(head, head + length);
      this.#rest = this.#rest.subarray(head + length);
      const opcode = first & 15;
      if (opcode === OPCODE.text) this.texts.push(payload.toString());
      if (opcode === OPCODE.ping) this.frame(OPCODE.pong, payload);
      if (opcode === OPCODE.close) this.#closed ??= payload.length >= 2 ? payload.readUInt16BE(0) : 1005;
    }
  }
}
