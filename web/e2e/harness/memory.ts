// All that a process of the server holds, and whether anything of somebody is in it. Reading that is root's: `live` lets
// nobody else.

import { type FileHandle, open, readFile } from "node:fs/promises";

/** Bytes of one piece. */
const PIECE = 1 << 24;
/** A process that gives less was not read. */
const LEAST = 1 << 20;
/** Shorter ones are found by chance. */
const SHORTEST = 6;

/** What is looked for, by what it is called. */
export type Marks = Readonly<Record<string, string | Buffer>>;

/** Twelve small letters, drawn anew for each run. */
export function drawTag(): string {
  return Array.from({ length: 12 }, () => String.fromCharCode(97 + Math.floor(Math.random() * 26))).join("");
}

/** A process as it was at one moment: reading it takes a tenth of a second, and looking for something longer. */
export class Memory {
  readonly #pieces: readonly Buffer[];

  private constructor(pieces: readonly Buffer[]) {
    this.#pieces = pieces;
  }

  static async of(pid: number): Promise<Memory> {
    const maps = await readFile(`/proc/${pid}/maps`, "utf8");
    const memory = await open(`/proc/${pid}/mem`);
    const pieces: Buffer[] = [];
    for (const map of maps.split("\n").filter(Boolean)) {
      const [range = "", rights = "", , , , name = ""] = map.split(/\s+/);
      // Pages of the kernel's that cannot be read this way, and hold nothing of anybody.
      if (!rights.startsWith("r") || name.startsWith("[vvar") || name.startsWith("[vsyscall")) continue;
      const [from = 0, to = 0] = range.split("-").map((end) => Number.parseInt(end, 16));
      const piece = await part(memory, from, to);
      if (piece.length > 0) pieces.push(piece);
    }
    await memory.close();
    const read = pieces.reduce((sum, { length }) => sum + length, 0);
    if (read < LEAST) throw new Error(`only ${read} bytes of ${pid} could be read`);
    return new Memory(pieces);
  }

  /** Which of the marks are there, and how they are spelt. */
  find(marks: Marks): string[] {
    return Object.entries(marks).flatMap(([what, mark]) =>
      Object.entries(spellings(mark)).flatMap(([spelling, bytes]) => {
        if (bytes.length < SHORTEST) throw new Error(`${what} is too short to be looked for`);
        return this.#pieces.some((piece) => piece.includes(bytes)) ? [`${what} ${spelling}`] : [];
      }),
    );
  }
}

/** As much of a map as can be read, in one piece, so that nothing lies across two. */
async function part(memory: FileHandle, from: number, to: number): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for (let at = from; at < to; ) {
    const buffer = Buffer.allocUnsafe(Math.min(PIECE, to - at));
    // A page that went away meanwhile, or that nobody may read.
    const { bytesRead } = await memory.read(buffer, 0, buffer.length, at).catch(() => ({ bytesRead: 0 }));
    if (bytesRead === 0) break;
    pieces.push(buffer.subarray(0, bytesRead));
    at += bytesRead;
  }
  return pieces.length === 1 ? (pieces[0] ?? Buffer.alloc(0)) : Buffer.concat(pieces);
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
