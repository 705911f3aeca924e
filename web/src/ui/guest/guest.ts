// Whoever comes by a link for a guest. What they have instead of an account stands in this tab alone, for as long as the visit.

import type { Visitor } from "../../app/browser";
import type { GuestHello } from "../../protocol/GuestHello";
import type { GuestPass } from "../../protocol/GuestPass";
import type { GuestSecret } from "../../protocol/GuestSecret";
import type { RoomId } from "../../protocol/RoomId";
import type { Entry } from "../../app/entry.svelte";
import { api, type Result } from "../../session/api";
import { lookAtSeat } from "../../session/guests";

const KEY = "vivavoce.guest";
/** As `app/seat.ts` keeps a seat in this tab, with its room's id. */
const SEAT = "vivavoce.seat";
/** 128 bits, each, as the protocol writes them. */
const LINK = /^#([\w-]{22})([\w-]{22})$/;

interface Kept {
  readonly pass: GuestPass;
  /** As they came in; null before that. */
  readonly name: string | null;
}

export class Guest implements Visitor {
  readonly socket = "guests/socket";
  #kept: Kept | null;
  readonly #storage: Storage | null;

  /** `draw` makes what this page alone knows. A link that this tab has held before is the same visit. */
  constructor(hash: string, storage: Storage | null, draw: () => string) {
    this.#storage = storage;
    const before = read(storage);
    const [, room, link] = LINK.exec(hash) ?? [];
    if (room === undefined || link === undefined) this.#kept = hash === "" ? before : null;
    else if (before?.pass.room === room && before.pass.link === link) this.#kept = before;
    else this.#kept = { pass: { room: room as RoomId, link: link as GuestSecret, page: draw() as GuestSecret }, name: null };
    this.#keep();
    // Whoever was in a room in this tab before they opened the link is not there as a guest.
    const seat = storage?.getItem(SEAT);
    if (seat && (this.name === null || !seat.includes(`"${this.pass?.room}"`))) storage?.removeItem(SEAT);
  }

  get pass(): GuestPass | null {
    return this.#kept?.pass ?? null;
  }

  get name(): string | null {
    return this.#kept?.name ?? null;
  }

  /** In no account, and in all the same. */
  comes(entry: Pick<Entry, "phase">): void {
    entry.phase = { is: "inside" };
  }

  comesAs(name: string): void {
    if (this.#kept !== null) this.#kept = { ...this.#kept, name };
    this.#keep();
  }

  readonly hello = (): GuestHello | null => (this.#kept?.name == null ? null : { pass: this.#kept.pass, name: this.#kept.name });

  /** A link that is spent, or another's, is like a session that ended. */
  async stands(): Promise<Result<unknown>> {
    if (this.#kept === null) return { ok: false, error: "signed_out" };
    const seat = await lookAtSeat(api, this.#kept.pass);
    return !seat.ok && (seat.error === "link_spent" || seat.error === "not_now") ? { ok: false, error: "signed_out" } : seat;
  }

  /** The visit is over, and this tab knows nothing of it. */
  forget(): void {
    this.#kept = null;
    this.#keep();
  }

  #keep(): void {
    try {
      if (this.#kept === null) this.#storage?.removeItem(KEY);
      else this.#storage?.setItem(KEY, JSON.stringify([this.#kept.pass.room, this.#kept.pass.link, this.#kept.pass.page, this.#kept.name]));
    } catch {
      // A full or forbidden storage: a page that is loaded anew needs another link.
    }
  }
}

function read(storage: Storage | null): Kept | null {
  try {
    const value: unknown = JSON.parse(storage?.getItem(KEY) ?? "null");
    if (!Array.isArray(value)) return null;
    const [room, link, page, name] = value as unknown[];
    if (typeof room !== "string" || typeof link !== "string" || typeof page !== "string") return null;
    const pass = { room: room as RoomId, link: link as GuestSecret, page: page as GuestSecret };
    return { pass, name: typeof name === "string" ? name : null };
  } catch {
    return null;
  }
}
