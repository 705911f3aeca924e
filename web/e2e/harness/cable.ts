// The line between browsers and the server as something that can be torn: every connection of the web goes through it.
// Sound over UDP does not.

import { once } from "node:events";
import { connect, createServer, type Server as TcpServer, type Socket } from "node:net";
import { freePort } from "./ports.ts";

export class Cable {
  readonly #tcp: TcpServer;
  readonly #passed = new Set<readonly [Socket, Socket]>();

  #behind = 0;

  private constructor(
    tcp: TcpServer,
    readonly port: number,
  ) {
    this.#tcp = tcp;
    tcp.on("connection", (near) => this.#pass(near, connect(this.#behind, "127.0.0.1")));
  }

  /** Listens on a free port of this machine. */
  static async open(): Promise<Cable> {
    const [tcp, port] = [createServer(), await freePort()];
    const cable = new Cable(tcp, port);
    tcp.listen(port, "127.0.0.1");
    await once(tcp, "listening");
    return cable;
  }

  /** Passes every byte to this port of this machine. */
  leadTo(port: number): void {
    this.#behind = port;
  }

  #pass(near: Socket, far: Socket): void {
    const pair = [near, far] as const;
    this.#passed.add(pair);
    near.pipe(far).pipe(near);
    for (const [one, other] of [[near, far], [far, near]] as const) {
      one.on("error", () => other.destroy());
      one.on("close", () => {
        other.destroy();
        this.#passed.delete(pair);
      });
    }
  }

  /** Resets every connection at both ends, without a word to either; how many there were. */
  tear(): number {
    const torn = [...this.#passed];
    for (const end of torn.flat()) end.resetAndDestroy();
    return torn.length;
  }

  /** Nothing gets through the connections of now any more, and nobody is told; new ones pass. How many there were. */
  clog(): number {
    const clogged = [...this.#passed];
    for (const [near, far] of clogged) {
      near.unpipe(far).pause();
      far.unpipe(near).pause();
    }
    return clogged.length;
  }

  close(): void {
    this.tear();
    this.#tcp.close();
  }
}
