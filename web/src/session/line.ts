// A WebSocket that comes back by itself. Knows JSON and time, nothing of rooms.

import type { ClientMessage } from "../protocol/ClientMessage";
import type { ServerMessage } from "../protocol/ServerMessage";

/** What this needs of a WebSocket; the browser's is one. */
export interface Socket {
  onopen: ((event: Event) => void) | null;
  onmessage: ((event: MessageEvent) => void) | null;
  onclose: ((event: CloseEvent) => void) | null;
  send(text: string): void;
  close(code?: number): void;
}

export interface LineEvents {
  /** A socket stands: say hello. */
  opened(): void;
  received(message: ServerMessage): void;
  /** It fell; a new one will be tried. */
  lost(): void;
  /** Asked when it fell. */
  turn(): Turn;
}

/** Who comes back when: a room is a room again with the people on its stage, and a thousand listeners come after them. */
export type Turn = "first" | "after";

export interface World {
  connect(): Socket;
  now(): number;
  random(): number;
  after(ms: number, act: () => void): () => void;
}

/** Between two questions "are you there". */
const PING_PERIOD_MS = 5_000;
/** Silence after which a socket counts as dead, though it never closed: a phone that changed networks. */
const SILENCE_MAX_MS = 9_000;
/** So long it may take to answer when it is doubted: the sound beside it stays away. */
const DOUBT_MAX_MS = 2_000;
/** A timer that is later than this says that the page stood still: a slow machine, a tab in the background. */
const LATE_MAX_MS = 1_000;
/** The first try after a fall, at the earliest and at the latest. Sound has a line of its own: only news is late. */
const FIRST_TRY_MS = { first: [0, 0], after: [300, 1_600] } as const;
/** The longest wait between two tries. */
const RETRY_MAX_MS = 5_000;

export class Line {
  readonly #world: World;
  readonly #events: LineEvents;
  #socket: Socket | null = null;
  #stood = false;
  #wanted = false;
  #tries = 0;
  #heard = 0;
  #doubted = false;
  #cancel: (() => void) | null = null;

  constructor(world: World, events: LineEvents) {
    this.#world = world;
    this.#events = events;
  }

  open(): void {
    if (this.#wanted) return;
    this.#wanted = true;
    this.#tries = 0;
    this.#connect();
  }

  close(): void {
    this.#wanted = false;
    this.#cancel?.();
    this.#cancel = null;
    this.#drop();
  }

  /** Try now, for example because the browser says that it is online again. */
  hurry(): void {
    if (!this.#wanted || this.#stood) return;
    this.#tries = 0;
    this.#drop();
    this.#cancel?.();
    this.#connect();
  }

  /** The network may have gone away without a word: asked now, and given up when it does not answer soon. */
  doubt(): void {
    if (!this.#stood || this.#doubted) return;
    this.#doubted = true;
    this.#askInDoubt();
  }

  /** False when there is no socket to say it on; nothing is queued, since old wishes are not wishes any more. */
  send(message: ClientMessage): boolean {
    if (this.#socket === null || !this.#stood) return false;
    this.#socket.send(JSON.stringify(message));
    return true;
  }

  #connect(): void {
    const socket = this.#world.connect();
    this.#socket = socket;
    this.#stood = this.#doubted = false;
    this.#heard = this.#world.now();
    socket.onopen = () => {
      if (socket !== this.#socket) return;
      this.#stood = true;
      this.#tries = 0;
      this.#heard = this.#world.now();
      this.#events.opened();
      this.#watch();
    };
    socket.onmessage = (event) => {
      if (socket !== this.#socket) return;
      this.#heard = this.#world.now();
      const message = parse(event.data);
      if (message !== null) this.#events.received(message);
    };
    socket.onclose = () => {
      if (socket === this.#socket) this.#fell();
    };
  }

  #askInDoubt(): void {
    const asked = this.#world.now();
    this.send({ type: "ping" });
    this.#later(DOUBT_MAX_MS, (late) => {
      // What came while the page stood still may not have been read yet.
      if (this.#heard < asked && late) return this.#askInDoubt();
      this.#doubted = false;
      if (this.#heard < asked) this.#fell();
      else this.#watch();
    });
  }

  #watch(): void {
    this.#later(PING_PERIOD_MS, (late) => {
      if (!this.#stood) return;
      // A page that stood still asked nothing meanwhile: the silence is its own.
      if (late) return this.doubt();
      if (this.#world.now() - this.#heard > SILENCE_MAX_MS) {
        this.#fell();
        return;
      }
      this.send({ type: "ping" });
      this.#watch();
    });
  }

  /** Instead of what was to be done later until now. */
  #later(ms: number, act: (late: boolean) => void): void {
    const from = this.#world.now();
    this.#cancel?.();
    this.#cancel = this.#world.after(ms, () => act(this.#world.now() - from > ms + LATE_MAX_MS));
  }

  #fell(): void {
    this.#drop();
    if (!this.#wanted) return;
    this.#events.lost();
    this.#cancel?.();
    this.#cancel = this.#world.after(this.#wait(), () => this.#connect());
    this.#tries += 1;
  }

  /** Those whose turn is first at once, everybody else spread out; then doubling, with jitter. */
  #wait(): number {
    const [from, to] = FIRST_TRY_MS[this.#events.turn()];
    if (this.#tries === 0) return from + (to - from) * this.#world.random();
    const most = Math.min(RETRY_MAX_MS, 250 * 2 ** this.#tries);
    return most * (0.2 + 0.8 * this.#world.random());
  }

  #drop(): void {
    const socket = this.#socket;
    this.#socket = null;
    this.#stood = false;
    if (socket === null) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
  }
}

/** The one place where bytes become typed. The server is ours and its types are tested against the same fixtures; what
 * is not a message at all is dropped. */
function parse(data: unknown): ServerMessage | null {
  if (typeof data !== "string") return null;
  try {
    const value: unknown = JSON.parse(data);
    return typeof value === "object" && value !== null && "type" in value ? (value as ServerMessage) : null;
  } catch {
    return null;
  }
}
