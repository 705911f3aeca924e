// All that the processes of the server hold at one moment, registers included, and whether anything of somebody is in it.
// Reading that is root's: `live` lets nobody else.

import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { beside } from "./program.ts";
import type { Server } from "./server.ts";

/** Shorter ones are found by chance. */
const SHORTEST = 6;
/** Longer than any search takes on a busy machine. */
const SEARCH_MS = 60_000;
/** More places than anybody reads. */
const SAID_BYTES = 1 << 26;

/** What is looked for, by what it is called. */
export type Marks = Readonly<Record<string, string | Buffer>>;

/** Where marks were: what each is called, how it is spelt, and where that is. */
export interface Held {
  readonly live: readonly string[];
  readonly parent: readonly string[];
}

/** Twelve small letters, drawn anew for each run. */
export function drawTag(): string {
  return Array.from({ length: 12 }, () => String.fromCharCode(97 + Math.floor(Math.random() * 26))).join("");
}

/** Both processes stand still together while they are copied (tests/src/bin/holds.rs). */
export async function held(server: Server, marks: Marks): Promise<Held> {
  const pids = [await server.pid("live"), await server.pid("parent")] as const;
  const lines = Object.entries(marks).flatMap(([what, mark]) =>
    Object.entries(spellings(mark)).map(([spelling, bytes]) => {
      if (bytes.length < SHORTEST) throw new Error(`${what} is too short to be looked for`);
      return `${what} ${spelling}\t${bytes.toString("hex")}\n`;
    }),
  );
  const search = promisify(execFile)(beside("holds"), pids.map(String), { timeout: SEARCH_MS, maxBuffer: SAID_BYTES });
  search.child.stdin?.end(lines.join(""));
  const places = (await search).stdout.split("\n").filter(Boolean).map((line) => line.split("\t") as [string, string]);
  const of = (pid: number): string[] => places.flatMap(([process, place]) => (process === String(pid) ? [place] : []));
  return { live: of(pids[0]), parent: of(pids[1]) };
}

/** The same in bytes that lie here: which are there, and how they are spelt. */
export function foundIn(bytes: Buffer, marks: Marks): string[] {
  return Object.entries(marks).flatMap(([what, mark]) =>
    Object.entries(spellings(mark)).flatMap(([spelling, spelt]) => (bytes.includes(spelt) ? [`${what} ${spelling}`] : [])),
  );
}

/** A text, as any program may hold it; bytes that were never text are held as they are. */
function spellings(mark: string | Buffer): Record<string, Buffer> {
  if (typeof mark !== "string") return { "as bytes": mark };
  const bytes = Buffer.from(mark);
  const hex = bytes.toString("hex");
  const spelt: Record<string, Buffer> = {
    "as text": bytes,
    "in capitals": Buffer.from(mark.toUpperCase()),
    "in 16 bits": Buffer.from(mark, "utf16le"),
    "in hex": Buffer.from(hex),
    "in percents": Buffer.from(hex.toUpperCase().replaceAll(/../g, "%$&")),
    "in base64 at 0": base64(bytes, 0),
    "in base64 at 1": base64(bytes, 1),
    "in base64 at 2": base64(bytes, 2),
  };
  const url = encodeURIComponent(mark);
  if (url !== mark) spelt["in a URL"] = Buffer.from(url);
  return spelt;
}

/** The part of it that depends on these bytes alone, when `skipped` others stand before them. */
function base64(bytes: Buffer, skipped: number): Buffer {
  const whole = Buffer.concat([Buffer.alloc(skipped), bytes]);
  const first = Math.ceil((skipped * 8) / 6);
  return Buffer.from(whole.toString("base64").slice(first, Math.floor((whole.length * 8) / 6)));
}
