import type { RoomCard } from "../protocol/RoomCard";
import type { RoomId } from "../protocol/RoomId";

const KEY = "vivavoce.hidden";
const TOPICS_KEY = "vivavoce.topics";
/** More than anybody hides in one evening; the first ones come back. */
const ROOMS_MAX = 200;
/** More than anybody keeps an eye on; the first ones come back. */
const TOPICS_MAX = 50;

/**
 * Rooms that I do not want to see in the hallway: until they are over, over a reload of this tab, and known to nobody else. They
 * stay where they are for everybody, me included: whoever asks me in shows me the room again. And words that hide every room
 * whose title holds them, on this device, until I want to see them again or sign out of it.
 */
export class Hidden {
  rooms: ReadonlySet<RoomId> = $state.raw(new Set());
  /** The last one, as long as I am where I hid it: a slip is taken back in its place. */
  last: RoomId | null = $state(null);
  /** As they were written. */
  topics: readonly string[] = $state.raw([]);
  readonly #storage: Storage | null;
  readonly #device: Storage | null;

  constructor(storage: Storage | null, device: Storage | null) {
    this.#storage = storage;
    this.#device = device;
    this.rooms = new Set(read<RoomId>(storage, KEY, ROOMS_MAX));
    this.topics = read(device, TOPICS_KEY, TOPICS_MAX);
  }

  hides(card: RoomCard): boolean {
    return this.rooms.has(card.room) || this.topics.some((words) => isAbout(card, words));
  }

  /** Rooms about it are not hidden one by one any more, or they would stay so. */
  hideTopic(words: string, there: readonly RoomCard[]): void {
    if (folded(words) === "") return;
    const about = new Set(there.filter((card) => isAbout(card, words)).map(({ room }) => room));
    this.#keep([...this.rooms].filter((room) => !about.has(room)));
    this.settle();
    const others = this.#fresh().filter((other) => folded(other) !== folded(words));
    this.#keepTopics([...others, words.trim()].slice(-TOPICS_MAX));
  }

  showTopic(words: string): void {
    this.#keepTopics(this.#fresh().filter((other) => other !== words));
    this.settle();
  }

  /** Another tab may have changed them. */
  #fresh(): readonly string[] {
    return this.#device === null ? this.topics : read(this.#device, TOPICS_KEY, TOPICS_MAX);
  }

  /** Whoever signs in here next has other eyes. */
  clear(): void {
    this.showAll();
    this.#keepTopics([]);
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
    write(this.#storage, KEY, rooms);
  }

  #keepTopics(topics: readonly string[]): void {
    this.topics = topics;
    write(this.#device, TOPICS_KEY, topics);
  }
}

/** Whether these words stand in its title, however they are written. */
export function isAbout({ title }: RoomCard, words: string): boolean {
  return title !== null && folded(title).includes(folded(words));
}

function folded(text: string): string {
  return text.normalize("NFKC").toLowerCase().replace(/\s+/g, " ").trim();
}

function write(storage: Storage | null, key: string, kept: readonly string[]): void {
  try {
    if (kept.length === 0) storage?.removeItem(key);
    else storage?.setItem(key, JSON.stringify(kept));
  } catch {
    // A full or forbidden storage: they are back after a reload.
  }
}

function read<Text extends string>(storage: Storage | null, key: string, most: number): Text[] {
  try {
    const kept: unknown = JSON.parse(storage?.getItem(key) ?? "[]");
    return Array.isArray(kept) ? kept.filter((text): text is Text => typeof text === "string").slice(-most) : [];
  } catch {
    return [];
  }
}
