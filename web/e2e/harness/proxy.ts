// A reverse proxy as small as one can be: TLS in front, HTTP and upgrades behind, and a word on whom it speaks for.

import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { type IncomingMessage, request } from "node:http";
import { createServer, type Server as HttpsServer } from "node:https";
import type { Duplex } from "node:stream";
import type { Files } from "./authority.ts";

export class Proxy {
  private constructor(readonly server: HttpsServer) {}

  /** Listens on `port` and passes everything to `behind` on this machine. */
  static async open(port: number, behind: () => number, files: Files): Promise<Proxy> {
    const [cert, key] = await Promise.all([readFile(files.cert), readFile(files.key)]);
    const server = createServer({ cert, key });
    const passed = (asked: IncomingMessage) =>
      request({
        host: "127.0.0.1",
        port: behind(),
        method: asked.method,
        path: asked.url,
        headers: { ...asked.headers, "x-forwarded-for": asked.socket.remoteAddress ?? "" },
      });
    server.on("request", (asked, answer) => {
      const onward = passed(asked);
      onward.on("response", (response) => {
        answer.writeHead(response.statusCode ?? 502, response.headers);
        response.pipe(answer);
      });
      onward.on("error", () => answer.writeHead(502).end());
      asked.pipe(onward);
    });
    server.on("upgrade", (asked: IncomingMessage, socket: Duplex) => {
      const onward = passed(asked);
      onward.on("upgrade", (response, inner, head) => {
        const lines = Object.entries(response.headers).map(([name, value]) => `${name}: ${String(value)}\r\n`);
        socket.write(`HTTP/1.1 101 Switching Protocols\r\n${lines.join("")}\r\n`);
        socket.write(head);
        inner.pipe(socket).pipe(inner);
        for (const [one, other] of [[inner, socket], [socket, inner]] as const) {
          one.on("error", () => other.destroy());
          one.on("close", () => other.destroy());
        }
      });
      onward.on("response", (response) => socket.end(`HTTP/1.1 ${response.statusCode} Refused\r\n\r\n`));
      onward.on("error", () => socket.destroy());
      onward.end();
    });
    server.listen(port, "127.0.0.1");
    await once(server, "listening");
    return new Proxy(server);
  }

  close(): void {
    this.server.closeAllConnections();
    this.server.close();
  }
}
