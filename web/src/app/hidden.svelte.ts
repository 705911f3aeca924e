import type { RoomId } from "../protocol/RoomId";

const KEY = "vivavoce.hidden";
/** More than anybody hides in one evening; the first ones come back. */
const ROOMS_MAX = 200;

/**
 * Rooms that I do not want to see in the hallway: until they are over, over a reload of this tab, and known to nobody else. They
 * stay where they are for everybody, me included: whoever asks me in shows me the room again.
 */
export class Hidden {
  rooms: ReadonlySet<RoomId> = $state.raw(new Set());
  /** The last one, as long as I am where I hid it: a slip is taken back in its place. */
  last: RoomId | null = $state(null);
  readonly #storage: Storage | null;

  constructor(storage: Storage | null) {
    this.#storage = storage;
    this.rooms = new Set(read(storage));
  }

  hide(room: RoomId): void {
    this.#keep([...this.rooms, room].slice(-ROOMS_MAX));
    this.last = room;
  }

  show(room: RoomId): void {
    this.#keep([...this.rooms].filter((hidden) => hidden !== room));
    this.settle();
  }

  showAll(): void {
    this.#keep([]);
    this.settle();
  }

  /** It was no slip. */
  settle(): void {
    this.last = null;
  }

  /** These are there; of others nothing needs to be known. */
  forget(there: readonly RoomId[]): void {
    const left = there.filter((room) => this.rooms.has(room));
    if (left.length < this.rooms.size) this.#keep(left);
    if (this.last !== null && !there.includes(this.last)) this.settle();
  }

  #keep(rooms: readonly RoomId[]): void {
    this.rooms = new Set(rooms);
    try {
      if (rooms.length === 0) this.#storage?.removeItem(KEY);
      else this.#storage?.setItem(KEY, JSON.stringify(rooms));
    } catch {
      // A full or forbidden storage: they are back after a reload.
    }
  }
}

function read(storage: Storage | null): RoomId[] {
  try {
    const kept: unknown = JSON.parse(storage?.getItem(KEY) ?? "[]");
    return Array.isArray(kept) ? kept.filter((room): room is RoomId => typeof room === "string").slice(-ROOMS_MAX) : [];
  } catch {
    return [];
  }
}
