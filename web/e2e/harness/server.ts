// The real server: the binary, on a port and a data directory of its own.

import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Disk } from "./disk.ts";
import { freePort } from "./ports.ts";
import { beside, BINARY, environment } from "./program.ts";
import { until } from "./until.ts";

/** From start to the first answer; a debug build on a busy machine needs a few seconds. */
const START_MS = 30_000;
/** From SIGTERM to the end, rooms told included. */
const STOP_MS = 15_000;

export interface ServerOptions {
  /** More arguments of `vivavoce serve`. */
  readonly arguments?: readonly string[];
  /** The address of its web; loopback unless told otherwise. */
  readonly listen?: string;
  /** Where browsers find it, if not at its own port. */
  readonly origin?: string;
  /** Its port, if something else must know it before; any free one unless told otherwise. */
  readonly port?: number;
  /** Where it keeps what it keeps, with everything else for reading only; a folder beside others unless told otherwise. */
  readonly disk?: Disk;
}

export class Server {
  readonly #child: ChildProcess;
  #said = "";
  #origin = "";

  private constructor(
    child: ChildProcess,
    readonly port: number,
    readonly data: string,
    private readonly disk: Disk | undefined,
  ) {
    this.#child = child;
    const hear = (bytes: Buffer): void => {
      this.#said += bytes.toString();
    };
    child.stdout?.on("data", hear);
    child.stderr?.on("data", hear);
  }

  static async start(options: ServerOptions = {}): Promise<Server> {
    if (!existsSync(BINARY)) throw new Error(`${BINARY} is not built: cargo build --bins`);
    const port = options.port ?? (await freePort());
    const { disk } = options;
    const data = disk === undefined ? await mkdtemp(join(tmpdir(), "vivavoce-e2e-")) : join(disk.mounted, "data");
    const listen = ["serve", "--listen", `${options.listen ?? "127.0.0.1"}:${port}`, "--data", data];
    const words = [...listen, ...(options.arguments ?? [])];
    const [program, ...before] = disk?.starting(BINARY) ?? [BINARY];
    const child = spawn(program, [...before, ...words], { stdio: ["ignore", "pipe", "pipe"], env: environment() });
    const server = new Server(child, port, data, disk);
    await until("the server answers", START_MS, () => server.#healthy(words.includes("--tls-cert") ? "https" : "http"));
    server.#origin = options.origin ?? new URL(await server.ownerLink()).origin;
    return server;
  }

  /** Where browsers find it: as it says itself, unless told otherwise. */
  get origin(): string {
    return this.#origin;
  }

  /** Everything that it has printed. */
  get said(): string {
    return this.#said;
  }

  /** The one-time link of the first start, from the box on the terminal. */
  ownerLink(): Promise<string> {
    return until("the owner's link is printed", START_MS, async () => this.#said.match(/https?:\/\/\S+#[\w-]+/)?.[0]);
  }

  /** `vivavoce admin …` on the same data directory; what it prints. */
  async admin(...words: string[]): Promise<string> {
    const here = ["--listen", `127.0.0.1:${this.port}`, "--data", this.data];
    const [program, ...before] = this.disk?.beside(this.#parent(), BINARY) ?? [BINARY];
    const { stdout } = await promisify(execFile)(program, [...before, "admin", ...words, ...here], {
      timeout: START_MS,
      env: environment(),
    });
    return stdout;
  }

  /** So many days pass for everything that lapses (tests/src/bin/elapse.rs). */
  async elapse(days: number): Promise<void> {
    await promisify(execFile)(beside("elapse"), [join(this.data, "vivavoce.db"), String(days)], { timeout: START_MS });
  }

  /** The id of one of the three processes now. */
  async pid(process: "keeper" | "live" | "parent"): Promise<number> {
    if (process === "parent") return this.#parent();
    return until(`${process} runs`, START_MS, async () => {
      for (const pid of await childrenOf(this.#parent())) {
        const words = (await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")).split("\0");
        if (words.some((word) => word === process || word.endsWith(`-${process}`))) return pid;
      }
      return undefined;
    });
  }

  /** Ends a child as a bug would: at once, without a word. */
  async kill(name: "keeper" | "live"): Promise<void> {
    process.kill(await this.pid(name), "SIGKILL");
  }

  /** SIGHUP to the parent: the certificate is read again. */
  reload(): void {
    this.#child.kill("SIGHUP");
  }

  /** SIGTERM to the parent; all three go. */
  terminate(): void {
    this.#child.kill("SIGTERM");
  }

  /** Waits for the end of all three; the exit code of the parent, null where a signal ended it. */
  async ended(): Promise<number | null> {
    if (this.#running) await once(this.#child, "exit");
    return this.#child.exitCode;
  }

  /** Ends it, and says how: a server that must be killed has failed, and so has one in which anything panicked. */
  async stop(): Promise<void> {
    let late = false;
    if (this.#running) {
      const exit = once(this.#child, "exit");
      const timer = setTimeout(() => {
        late = true;
        this.#child.kill("SIGKILL");
      }, STOP_MS);
      this.terminate();
      await exit;
      clearTimeout(timer);
    }
    await rm(this.data, { recursive: true, force: true });
    if (late) throw new Error(`the server did not end within ${STOP_MS} ms of SIGTERM`);
    const fault = this.#said.split("\n").find((line) => /panicked|overflow/.test(line));
    if (fault !== undefined) throw new Error(`a fault in the server: ${fault}`);
  }

  get #running(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  #parent(): number {
    if (this.#child.pid === undefined) throw new Error("the server was never started");
    return this.#child.pid;
  }

  async #healthy(scheme: "http" | "https"): Promise<true | undefined> {
    if (this.#child.exitCode !== null) throw new Error(`the server ended at once:\n${this.#said}`);
    const answer = await fetch(`${scheme}://127.0.0.1:${this.port}/healthz`).catch((error: unknown) => error);
    if (answer instanceof Response) return answer.ok ? true : undefined;
    // The browser under test knows the test authority and this program does not; that it was reached is enough.
    const cause = answer instanceof Error ? (answer.cause as { code?: string } | undefined)?.code : undefined;
    return cause !== undefined && /CERT|SELF_SIGNED|VERIFY/.test(cause) ? true : undefined;
  }
}

async function childrenOf(pid: number): Promise<number[]> {
  const threads = await readdir(`/proc/${pid}/task`).catch(() => []);
  const lists = await Promise.all(
    threads.map((thread) => readFile(`/proc/${pid}/task/${thread}/children`, "utf8").catch(() => "")),
  );
  return lists.flatMap((list) => list.split(" ").filter(Boolean).map(Number));
}
