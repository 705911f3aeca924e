// A bad network in front of one person's page: media goes through a relay that drops what it is told to.

import { createSocket, type RemoteInfo, type Socket } from "node:dgram";
import { once } from "node:events";

export type Weather =
  /** Everything passes. */
  | "well"
  /** Media and its reports are lost on the way to the page; the connection itself stands. */
  | "lossy"
  /** The same on the way from the page: it hears well, and is heard badly. */
  | "lossy up"
  /** This share of all datagrams is lost, each for itself, both ways. */
  | { readonly losing: number };

/** A page that has not been opened, of Playwright or of Puppeteer. */
export interface Unopened {
  readonly context: { addInitScript(script: (argument: number) => void, argument: number): Promise<unknown> };
}

/** Of five packets of media in a row, those that are dropped: bursts, as a radio drops them. */
const DROPPED_OF_FIVE = new Set([1, 2]);

/** One port of the page, and our socket for it towards the server. */
interface Flow {
  readonly page: RemoteInfo;
  onward: Socket;
  dead: boolean;
}

export class LossyNetwork {
  #weather: Weather = "well";
  #darkUntil = 0;
  #packets = 0;
  readonly #chance = chance(7);
  readonly #relay: Socket;
  readonly #flows = new Map<number, Flow>();

  private constructor(relay: Socket, server: number) {
    this.#relay = relay;
    relay.on("message", (bytes, from) => {
      const flow = this.#flow(from);
      if (!flow.dead && this.#passes("up", bytes)) flow.onward.send(bytes, server, "127.0.0.1");
    });
  }

  /** Before the person's first page. */
  static async before(person: Unopened, server: number): Promise<LossyNetwork> {
    const relay = createSocket("udp4");
    relay.bind(0);
    await once(relay, "listening");
    await person.context.addInitScript(leadCandidatesTo, relay.address().port);
    return new LossyNetwork(relay, server);
  }

  becomes(weather: Weather): void {
    this.#weather = weather;
  }

  /** Nothing passes for so long; the moment when it is over, in milliseconds since 1970. */
  goesDark(ms: number): number {
    this.#darkUntil = Date.now() + ms;
    return this.#darkUntil;
  }

  /** What stands now is never answered again, without a word; what comes afterwards passes. */
  forgetsEverything(): void {
    for (const flow of this.#flows.values()) flow.dead = true;
  }

  /** From now on the server sees the page at another address, as after a router's restart. */
  changesAddress(): void {
    for (const flow of this.#flows.values()) {
      flow.onward.close();
      flow.onward = this.#open(flow);
    }
  }

  close(): void {
    this.#relay.close();
    for (const { onward } of this.#flows.values()) onward.close();
  }

  #flow(page: RemoteInfo): Flow {
    const known = this.#flows.get(page.port);
    if (known !== undefined) return known;
    const flow = { page, dead: false } as Flow;
    flow.onward = this.#open(flow);
    this.#flows.set(page.port, flow);
    return flow;
  }

  #open(flow: Flow): Socket {
    const socket = createSocket("udp4");
    socket.on("message", (bytes) => {
      if (!flow.dead && this.#passes("down", bytes)) this.#relay.send(bytes, flow.page.port, flow.page.address);
    });
    return socket;
  }

  #passes(way: "up" | "down", datagram: Buffer): boolean {
    if (Date.now() < this.#darkUntil) return false;
    if (this.#weather === "well") return true;
    if (typeof this.#weather === "object") return this.#chance() >= this.#weather.losing;
    if (this.#weather !== (way === "up" ? "lossy up" : "lossy")) return true;
    // RFC 7983: 128–191 is media.
    const first = datagram[0] ?? 0;
    if (first < 128 || first > 191) return true;
    this.#packets += 1;
    return !DROPPED_OF_FIVE.has(this.#packets % 5);
  }
}

/** The same numbers from 0 to 1 in every run (mulberry32). */
function chance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), 1 | state);
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits;
    return ((bits ^ (bits >>> 14)) >>> 0) / 4294967296;
  };
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
