// Which of several devices of one kind is used. Pure: `devices.ts` ties it to the browser.

/** What a change means for whoever uses the device now. */
export type Change =
  | "none"
  /** Use another one from now on. */
  | "another"
  /** The one in use is gone; its sound has ended by itself. */
  | "gone";

export class Choice {
  #wish: string | null;
  #present: ReadonlySet<string> | null = null;

  /** `wish` is what was chosen on an earlier visit; null leaves it to the system. */
  constructor(wish: string | null) {
    this.#wish = wish;
  }

  /** The device to open; null is the system's own. A wish that is unplugged is kept for when it is plugged in again. */
  get used(): string | null {
    if (this.#wish === null || this.#present === null || this.#present.has(this.#wish)) return this.#wish;
    return null;
  }

  choose(wish: string | null): Change {
    const before = this.used;
    this.#wish = wish;
    // Chosen from a list: it is there, whatever was known before.
    this.#present = null;
    return this.used === before ? "none" : "another";
  }

  /** What is plugged in now. Before the first permission browsers tell no ids, and then nothing is known. */
  plugged(ids: readonly string[]): Change {
    const before = this.used;
    const known = ids.filter((id) => id !== "");
    this.#present = known.length > 0 ? new Set(known) : null;
    if (this.used === before) return "none";
    return this.used === null ? "gone" : "another";
  }
}
