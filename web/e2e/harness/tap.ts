// What the server really sends and receives, seen on the loopback interface (tests/src/bin/tap.rs). Needs root.

import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { beside } from "./program.ts";
import { until } from "./until.ts";

/** By local UDP port of a client: when the last media packet passed, in milliseconds since 1970. */
export interface Passed {
  readonly at: number;
  readonly to: Readonly<Record<string, number>>;
  readonly from: Readonly<Record<string, number>>;
  /** How many, since the tap began to watch. */
  readonly packets: Pick<Passed, "to" | "from">;
}

export class Tap {
  readonly #child: ChildProcess;
  #latest: Passed | undefined;
  #failed: string | undefined;

  private constructor(port: number) {
    this.#child = spawn(beside("tap"), [String(port)], { stdio: ["ignore", "pipe", "pipe"] });
    this.#child.once("error", (error) => {
      this.#failed = error.message;
    });
    this.#child.stderr?.on("data", (bytes: Buffer) => {
      this.#failed = bytes.toString();
    });
    if (this.#child.stdout !== null) {
      createInterface(this.#child.stdout).on("line", (line) => {
        this.#latest = JSON.parse(line) as Passed;
      });
    }
  }

  /** Watches the server's media port. */
  static async start(port: number): Promise<Tap> {
    const tap = new Tap(port);
    await tap.after(0);
    return tap;
  }

  /** What had passed at a moment not before `time`: everything sent until then has been counted. */
  after(time: number): Promise<Passed> {
    return until("the tap speaks", 10_000, async () => {
      if (this.#failed !== undefined) throw new Error(`tap: ${this.#failed}`);
      return this.#latest !== undefined && this.#latest.at >= time ? this.#latest : undefined;
    });
  }

  stop(): void {
    this.#child.kill("SIGTERM");
  }
}
