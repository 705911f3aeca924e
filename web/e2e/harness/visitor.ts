// Somebody who comes to a room from the terminal, and goes: `vivavoce join`.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { constants, setPriority, tmpdir } from "node:os";
import { join } from "node:path";
import { BINARY, environment } from "./program.ts";
import { until } from "./until.ts";

/** To start, sign in and be let in, at the lowest priority. */
const IN_MS = 20_000;

export class Visitor {
  #child: ChildProcess | undefined;

  private constructor(
    /** The address of the room. */
    private readonly room: string,
    private readonly folder: string,
    private link: string | undefined,
  ) {}

  /** Not there yet. The link is for the first time; a token is kept for all others. */
  static async outside(room: string, signInLink: string): Promise<Visitor> {
    return new Visitor(room, await mkdtemp(join(tmpdir(), "vivavoce-visitor-")), signInLink);
  }

  async comes(): Promise<void> {
    const where = this.link === undefined ? [this.room] : [this.link, "--room", this.room];
    this.link = undefined;
    const words = ["join", ...where, "--token-file", join(this.folder, "token"), "--listen", "none", "--plain"];
    const child = spawn(BINARY, words, { stdio: ["pipe", "pipe", "pipe"], env: environment() });
    // Whoever comes takes no time from those who play.
    if (child.pid !== undefined) setPriority(child.pid, constants.priority.PRIORITY_LOW);
    this.#child = child;
    let said = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (bytes: Buffer) => {
        said += bytes.toString();
      });
    }
    await until("the visitor is in the room", IN_MS, async () => {
      if (child.exitCode !== null) throw new Error(`the visitor did not come in: ${said}`);
      return said.includes("You listen.") || undefined;
    });
  }

  async goes(): Promise<void> {
    const child = this.#child;
    if (child === undefined) throw new Error("whoever goes has to be there");
    const gone = once(child, "exit");
    child.stdin?.write("q\n");
    await gone;
    this.#child = undefined;
  }

  async end(): Promise<void> {
    this.#child?.kill("SIGKILL");
    await rm(this.folder, { recursive: true, force: true });
  }
}
