// Whether all of a voice arrives: from the microphone into packets, as the page counts, and from the packets that the server
// receives into those that it sends, as the tap counts. A machine that is late has the same numbers as one that is not.

import { ask } from "./hearing.ts";
import { expect, portOf } from "./house.ts";
import type { Person } from "./person.ts";
import type { Passed, Tap } from "./tap.ts";

/** Milliseconds of a voice in a packet. */
const PACKET_MS = 20;
/** Packets that may be on their way at the moment of counting: 60 ms. */
const ON_THE_WAY = 3;
/** Whatever is on its way has arrived by then, on any machine. */
const ARRIVED_MS = 2_000;

interface Said {
  /** Milliseconds that the microphone gave. */
  readonly spoken: number;
  readonly packets: number;
}

/** People who hear each other, and nobody else talks in the house. */
export class Count {
  private constructor(
    readonly tap: Tap,
    readonly people: readonly Person[],
    readonly ports: readonly number[],
    readonly said: readonly Said[],
    readonly passed: Passed,
  ) {}

  static async begin(tap: Tap, ...people: readonly Person[]): Promise<Count> {
    const ports = await Promise.all(people.map(portOf));
    const said = await Promise.all(people.map(told));
    return new Count(tap, people, ports, said, await tap.after(Date.now()));
  }

  /** Since `begin`, on the connections of then. What is only late comes; what is missing stays missing. */
  async expectWhole(): Promise<void> {
    for (const [i, person] of this.people.entries()) {
      const unmade = async (): Promise<number> => Math.abs(unsent(await told(person)) - unsent(this.said[i]));
      await expect.poll(unmade, { timeout: ARRIVED_MS, message: `packets that ${person.name}'s page did not make of the voice` }).toBeLessThanOrEqual(ON_THE_WAY);
    }
    const missing = async (): Promise<number> => Math.max(...this.#missing(await this.tap.after(Date.now())));
    await expect.poll(missing, { timeout: ARRIVED_MS, message: "packets that a listener misses" }).toBeLessThanOrEqual(ON_THE_WAY);
    console.log(`measured: packets missing to ${this.people.map(({ name }) => name).join(", ")}: ${this.#missing(await this.tap.after(Date.now()))}`);
  }

  /** To each of the people, of what all others sent. */
  #missing(now: Passed): number[] {
    return this.ports.map((port) => {
      const others = Object.keys(now.packets.from).filter((other) => Number(other) !== port);
      const sent = others.reduce((sum, other) => sum + this.#since(now, "from", Number(other)), 0);
      expect(sent, "somebody is there to be heard").toBeGreaterThan(10);
      return sent - this.#since(now, "to", port);
    });
  }

  #since(now: Passed, way: "to" | "from", port: number): number {
    return (now.packets[way][port] ?? 0) - (this.passed.packets[way][port] ?? 0);
  }
}

/** Packets of what the microphone gave that were not made, counted from anywhere. */
function unsent(said: Said | undefined): number {
  if (said === undefined) throw new Error("counted from the beginning");
  // Who has not been on stage has no microphone yet.
  return said.packets === 0 ? 0 : said.spoken / PACKET_MS - said.packets;
}

function told(person: Person): Promise<Said> {
  const count = async (): Promise<Said> => {
    const before = window.voice.spoken();
    const packets = await window.ears.said();
    return { spoken: (before + window.voice.spoken()) / 2, packets };
  };
  return ask(person, count, undefined);
}
