// A bad network in front of one person's page: media goes through a relay that drops what it is told to.

import { createSocket, type RemoteInfo, type Socket } from "node:dgram";
import { once } from "node:events";
import type { Person } from "./person.ts";

/** Of five packets of media in a row, those that are dropped on the way to the page: bursts, as a radio drops them. */
const DROPPED_OF_FIVE = new Set([1, 2]);

export class LossyNetwork {
  #state: "well" | "lossy" = "well";
  #packets = 0;
  readonly #relay: Socket;
  /** By the page's port: our socket towards the server. */
  readonly #onward = new Map<number, Socket>();

  private constructor(relay: Socket, server: number) {
    this.#relay = relay;
    relay.on("message", (bytes, from) => this.#towards(from).send(bytes, server, "127.0.0.1"));
  }

  /** Before the person's first page. */
  static async before(person: Person, server: number): Promise<LossyNetwork> {
    const relay = createSocket("udp4");
    relay.bind(0);
    await once(relay, "listening");
    await person.context.addInitScript(leadCandidatesTo, relay.address().port);
    return new LossyNetwork(relay, server);
  }

  becomes(state: "well" | "lossy"): void {
    this.#state = state;
  }

  close(): void {
    this.#relay.close();
    for (const socket of this.#onward.values()) socket.close();
  }

  #towards(page: RemoteInfo): Socket {
    const known = this.#onward.get(page.port);
    if (known !== undefined) return known;
    const socket = createSocket("udp4");
    socket.on("message", (bytes) => {
      if (this.#passes(bytes)) this.#relay.send(bytes, page.port, page.address);
    });
    this.#onward.set(page.port, socket);
    return socket;
  }

  /** Media and its reports (RFC 7983: first byte 128–191) may be lost; the connection itself stands. */
  #passes(bytes: Buffer): boolean {
    const first = bytes[0] ?? 0;
    if (this.#state === "well" || first < 128 || first > 191) return true;
    this.#packets += 1;
    return !DROPPED_OF_FIVE.has(this.#packets % 5);
  }
}

/** Sent into the page as text: whatever address the server answers with, its UDP port is the relay's. */
function leadCandidatesTo(port: number): void {
  const native = RTCPeerConnection.prototype.setRemoteDescription;
  RTCPeerConnection.prototype.setRemoteDescription = function (description) {
    const lines = (description?.sdp ?? "").split("\r\n").filter((line) => !/^a=candidate:.* tcp /i.test(line));
    const led = lines.map((line) => line.replace(/^(a=candidate:\S+ \d+ udp \d+ \S+) \d+/i, `$1 ${port}`));
    return Reflect.apply(native, this, [{ ...description, sdp: led.join("\r\n") } as RTCSessionDescriptionInit]);
  };
}
