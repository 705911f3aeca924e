// Whether this page belongs to the server it talks to, and when an old one is left behind.

import type { SessionState } from "../session/state";
import type { Next } from "./navigation.svelte";

const RELOADED_FOR = "vivavoce.reloaded-for";

type Standing = Pick<SessionState, "server" | "room" | "entering">;

/** The build that this page came from; none in development. */
export function bundleOf(page: Document): string | null {
  return page.querySelector<HTMLMetaElement>('meta[name="bundle"]')?.content ?? null;
}

/** The server speaks another build than this page. */
export function isOld(mine: string | null, { server }: Pick<Standing, "server">): boolean {
  return mine !== null && server !== null && server.bundle !== mine;
}

export class Bundle {
  readonly #mine: string | null;
  readonly #storage: Pick<Storage, "getItem" | "setItem"> | null;

  /** `storage` is the tab's own: it outlives the reload. */
  constructor(mine: string | null, storage: Pick<Storage, "getItem" | "setItem"> | null) {
    this.#mine = mine;
    this.#storage = storage;
  }

  /**
   * Asked at the way from one screen to the next; "loaded" when that must be a fresh page. Between rooms, never in one or on
   * the way into one; never twice for the same build, which somebody in between may hold back; never where that cannot be
   * remembered.
   */
  next(standing: Standing): Next {
    const { server, room, entering } = standing;
    if (server === null || !isOld(this.#mine, standing) || room !== null || entering !== null || this.#storage === null) return "shown";
    try {
      if (this.#storage.getItem(RELOADED_FOR) === server.bundle) return "shown";
      this.#storage.setItem(RELOADED_FOR, server.bundle);
      return "loaded";
    } catch {
      return "shown";
    }
  }
}
