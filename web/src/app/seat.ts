// My seat in a room over a reload of the page, or a tab that the system threw out and brings back. It stands in this
// tab's own storage while I am in the room, is worth nothing to any other device, and the server gives it up seconds
// after a page that said it goes, half a minute after one that could not.

import type { RoomId } from "../protocol/RoomId";
import type { SeatToken } from "../protocol/SeatToken";
import type { KeptSeat } from "../session/outside";

const KEY = "vivavoce.seat";
/** How long the page before may take to let go, in milliseconds. A copy of the tab waits in vain. */
const CLAIM_MAX_MS = 1_000;

export class SeatKeeper {
  readonly #storage: Storage | null;
  readonly #locks: LockManager | undefined;
  /** Aborted when I leave the seat. */
  #sitting: AbortController | null = null;

  constructor(storage: Storage | null, locks: LockManager | undefined) {
    this.#storage = storage;
    this.#locks = locks;
  }

  keep(seat: KeptSeat | null): void {
    this.#sitting?.abort();
    this.#sitting = null;
    try {
      if (seat === null) this.#storage?.removeItem(KEY);
      else this.#storage?.setItem(KEY, JSON.stringify([seat.room, seat.seat]));
    } catch {
      // A full or forbidden storage: a reload leads to the room's door.
    }
    if (seat === null) return;
    const sitting = new AbortController();
    this.#sitting = sitting;
    const left = new Promise<void>((resolve) => sitting.signal.addEventListener("abort", () => resolve()));
    this.#locks?.request(lockOf(seat.room), { signal: sitting.signal }, () => left).catch(() => undefined);
  }

  /** What this tab's page before left behind; nothing if another page is on that seat, as in a copy of a tab. */
  async claim(): Promise<KeptSeat | null> {
    const seat = this.#read();
    if (seat === null || this.#locks === undefined) return null;
    try {
      return await this.#locks.request(lockOf(seat.room), { signal: AbortSignal.timeout(CLAIM_MAX_MS) }, () => seat);
    } catch {
      this.#storage?.removeItem(KEY);
      return null;
    }
  }

  #read(): KeptSeat | null {
    try {
      const value: unknown = JSON.parse(this.#storage?.getItem(KEY) ?? "null");
      const [room, seat] = Array.isArray(value) ? (value as unknown[]) : [];
      return typeof room === "string" && typeof seat === "string" ? { room: room as RoomId, seat: seat as SeatToken } : null;
    } catch {
      return null;
    }
  }
}

/** One page of this browser at a time is on a seat. */
function lockOf(room: RoomId): string {
  return `${KEY}.${room}`;
}
