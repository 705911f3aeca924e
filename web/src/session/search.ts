// Somebody sought in a room, letter by letter: the server bounds how often, since it looks at everybody in there.

import type { Found } from "./state";

/** Until a search that came too soon is asked again: the server allows two a second. */
const AGAIN_MS = 600;

export class Search {
  readonly #world: { after(ms: number, act: () => void): unknown };
  #last = 0;

  constructor(world: { after(ms: number, act: () => void): unknown }) {
    this.#world = world;
  }

  /** The last search waits its turn. One that was overtaken finds nobody: nobody looks at its answer. */
  async find(ask: () => Promise<Found>): Promise<Found> {
    this.#last += 1;
    const mine = this.#last;
    while (mine === this.#last) {
      const found = await ask();
      if (found.ok || found.error !== "too_many") return found;
      await new Promise<void>((over) => this.#world.after(AGAIN_MS, over));
    }
    return { ok: true, people: [] };
  }
}
