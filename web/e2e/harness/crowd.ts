// Many people at once, without a browser each: `vivavoce bench` on a server that runs. It makes accounts by an invitation,
// opens a room of its own, somebody talks in it, and everybody else listens, each by a connection of their own.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { BINARY, environment } from "./program.ts";
import type { Server } from "./server.ts";

export class Crowd {
  readonly #child: ChildProcess;
  #said = "";

  private constructor(words: readonly string[]) {
    this.#child = spawn(BINARY, words, { stdio: ["ignore", "pipe", "pipe"], env: environment() });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.on("data", (bytes: Buffer) => {
        this.#said += bytes.toString();
      });
    }
  }

  /** Comes by an invitation for one; so many listen, and stay until they are told to leave. */
  static gather(server: Server, invitation: string, listeners: number): Crowd {
    const size = ["--listeners", String(listeners), "--duration", "60m", "--settle", "1s", "--without-floor"];
    return new Crowd(["bench", "--url", server.origin, "--link", invitation, ...size]);
  }

  get said(): string {
    return this.#said;
  }

  /** Everybody leaves; the exit code. */
  async leaves(): Promise<number | null> {
    const left = once(this.#child, "exit");
    this.#child.kill("SIGINT");
    await left;
    return this.#child.exitCode;
  }

  end(): void {
    this.#child.kill("SIGKILL");
  }
}
