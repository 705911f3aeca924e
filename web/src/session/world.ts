// A world for tests: virtual time, sockets and peer connections that the test holds in its hands.

import type { GuestHello } from "../protocol/GuestHello";
import type { ClientMessage } from "../protocol/ClientMessage";
import type { RoomView } from "../protocol/RoomView";
import type { ServerMessage } from "../protocol/ServerMessage";
import type { You } from "../protocol/You";
import type { Socket } from "./line";
import type { KeptSeat, SessionWorld } from "./outside";
import type { Levels, Peer, PeerEvents } from "./peer";
import { RealSession } from "./session";
import type { Volumes } from "./volumes";

export class TestSocket implements Socket {
  onopen: ((event: Event) => void) | null = null;
  onmessage: ((event: MessageEvent) => void) | null = null;
  onclose: ((event: CloseEvent) => void) | null = null;
  readonly said: ClientMessage[] = [];
  closed = false;

  send(text: string): void {
    this.said.push(JSON.parse(text) as ClientMessage);
  }
  close(): void {
    this.closed = true;
  }
  opens(): void {
    this.onopen?.({} as Event);
  }
  says(message: ServerMessage | object): void {
    this.onmessage?.({ data: JSON.stringify(message) } as MessageEvent);
  }
  falls(): void {
    this.onclose?.({} as CloseEvent);
  }
  last<T extends ClientMessage["type"]>(type: T): Extract<ClientMessage, { type: T }> | undefined {
    return this.said.findLast((message): message is Extract<ClientMessage, { type: T }> => message.type === type);
  }
}

export class TestPeer {
  connected = false;
  closed = false;
  sent: unknown = null;
  answer: string | null = null;
  readonly events: PeerEvents;
  readonly name: string;
  constructor(events: PeerEvents, name: string) {
    this.events = events;
    this.name = name;
  }
  offer(): Promise<string> {
    return Promise.resolve(this.name);
  }
  accept(answer: string): Promise<void> {
    this.answer = answer;
    return Promise.resolve();
  }
  send(track: unknown): Promise<void> {
    this.sent = track;
    return Promise.resolve();
  }
  tracks(): readonly MediaStreamTrack[] {
    return [];
  }
  /** Share of what is played that is invented, 0–1. */
  concealed = 0;
  /** Share of what I say that does not arrive, 0–1. */
  lost = 0;
  /** Whether anything comes from the server. */
  path: "alive" | "dead" = "alive";
  #signs = 0;
  levels(): Promise<Levels> {
    if (this.path === "alive") this.#signs += 1;
    return Promise.resolve({ slots: [0, 0, 0], concealed: this.concealed, lost: this.lost, signs: this.#signs });
  }
  close(): void {
    this.closed = true;
    this.connected = false;
  }
  connects(): void {
    this.connected = true;
    this.events.connected();
  }
  /** As the browser says it, without knowing more. */
  disconnects(): void {
    this.connected = false;
  }
  breaks(): void {
    this.connected = false;
    this.closed = true;
    this.events.broken();
  }
}

export class TestMicrophone {
  readonly label = "Microphone";
  readonly sent = { enabled: false };
  closed = false;
  /** The system takes it away: unplugged, or a phone call. */
  readonly interrupted: () => void;
  constructor(interrupted: () => void) {
    this.interrupted = interrupted;
  }
  setOpen(open: boolean): void {
    this.sent.enabled = open;
  }
  level(): number {
    return 0;
  }
  speaking(): boolean {
    return false;
  }
  close(): void {
    this.closed = true;
  }
}

export class TestWorld {
  time = 0;
  readonly sockets: TestSocket[] = [];
  readonly peers: TestPeer[] = [];
  readonly microphones: TestMicrophone[] = [];
  microphoneAnswer: "ok" | "denied" | "missing" = "ok";
  /** What the person is being asked; resolves with the test's word when it is set. */
  microphoneQuestion: Promise<void> | null = null;
  signedIn: boolean | "unknown" = true;
  /** Who comes by a link for a guest. */
  guest: GuestHello | null = null;
  /** What chance brings, 0–1. */
  chance = 0;
  /** As the ears play each slot. */
  readonly volumes: number[] = [1, 1, 1];
  /** As the tab keeps it for its next page. */
  keptSeat: KeptSeat | null = null;
  /** As the device keeps them. */
  keptVolumes: Volumes;
  #timers: { at: number; act: () => void }[] = [];
  #ids = 0;
  readonly session: RealSession;

  constructor(keptVolumes: Volumes = new Map()) {
    this.keptVolumes = keptVolumes;
    const world: SessionWorld = {
      connect: () => {
        const socket = new TestSocket();
        this.sockets.push(socket);
        return socket;
      },
      now: () => this.time,
      random: () => this.chance,
      randomId: () => `command-${(this.#ids += 1)}`,
      after: (ms, act) => this.#after(ms, act),
      signedIn: () => Promise.resolve(this.signedIn),
      bundle: null,
      guest: () => this.guest,
      keepSeat: (seat) => void (this.keptSeat = seat),
      volumes: { kept: () => this.keptVolumes, keep: (volumes) => void (this.keptVolumes = volumes) },
      media: {
        newPeer: (events) => {
          const peer = new TestPeer(events, `offer-${this.peers.length + 1}`);
          this.peers.push(peer);
          return peer as unknown as Peer;
        },
        ears: () => {
          const setVolume = (slot: number, volume: number): void => void (this.volumes[slot] = volume);
          return { play: () => undefined, resume: () => undefined, setVolume, stop: () => undefined };
        },
        openMicrophone: async (interrupted) => {
          await this.microphoneQuestion;
          if (this.microphoneAnswer !== "ok") return { ok: false, why: this.microphoneAnswer };
          const microphone = new TestMicrophone(interrupted);
          this.microphones.push(microphone);
          return { ok: true, microphone: microphone as never };
        },
        now: () => this.time,
        every: (ms, act) => this.#every(ms, act),
      },
    };
    this.session = new RealSession(world);
  }

  get socket(): TestSocket {
    const socket = this.sockets.at(-1);
    if (socket === undefined) throw new Error("no socket was opened");
    return socket;
  }

  get peer(): TestPeer {
    const peer = this.peers.at(-1);
    if (peer === undefined) throw new Error("no connection was made");
    return peer;
  }

  get microphone(): TestMicrophone {
    const microphone = this.microphones.at(-1);
    if (microphone === undefined) throw new Error("no microphone was opened");
    return microphone;
  }

  /** Virtual time passes; what was due happens, in order. */
  async passes(ms: number): Promise<void> {
    const end = this.time + ms;
    await settle();
    for (;;) {
      const next = this.#timers.filter((timer) => timer.at <= end).sort((a, b) => a.at - b.at)[0];
      if (next === undefined) break;
      this.#timers = this.#timers.filter((timer) => timer !== next);
      this.time = Math.max(this.time, next.at);
      next.act();
      await settle();
    }
    this.time = end;
    await settle();
  }

  /** The page does nothing for so long, not even what is due; then everything at once. */
  async standsStill(ms: number): Promise<void> {
    this.time += ms;
    await this.passes(0);
  }

  #after(ms: number, act: () => void): () => void {
    const timer = { at: this.time + ms, act };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  #every(ms: number, act: () => void): () => void {
    const again = (): (() => void) =>
      this.#after(ms, () => {
        cancel = again();
        act();
      });
    let cancel = again();
    return () => cancel();
  }

  /** Signed in, with the hallway open. */
  async arrives(incarnation = "first"): Promise<void> {
    if (this.sockets.length === 0) this.session.open();
    this.socket.opens();
    this.socket.says({ type: "welcome", protocol: 1, incarnation, server: null, me: null, hallway: [] });
    await settle();
  }

  /** Signed in and in a room, hearing. */
  async enters(view: RoomView): Promise<void> {
    await this.arrives();
    const entering = this.session.enterRoom(view.room);
    await settle();
    const asked = this.socket.last("enter_room");
    this.socket.says({ type: "entered", request: asked?.request, view, answer: "answer", seat: "seat" });
    await entering;
    this.peer.connects();
  }

  /** On stage with the microphone open, as the room and this page have it. */
  async speaks(view: RoomView): Promise<void> {
    await this.enters({ ...view, you: { ...view.you, place: { at: "stage", mic: "muted" } } });
    void this.session.setMic("open");
    await settle();
    this.agrees(view.you);
    await settle();
  }

  /** The server does what it was asked last, and I am then like this. */
  agrees(you: You): void {
    const { room } = this.session.state;
    if (room === null) throw new Error("not in a room");
    this.socket.says({ type: "command", result: { id: this.socket.last("command")?.id, error: null } });
    const { epoch, sequence } = room;
    this.socket.says({ type: "room", room: room.room, epoch, sequence: sequence + 1, events: [{ type: "you", you }] });
  }

  /** Back on the seat. */
  seats(view: RoomView, answer: string | null = null): void {
    this.socket.says({ type: "entered", request: this.socket.last("enter_room")?.request, view, answer, seat: "seat" });
  }
}

/** Everything that is ready to happen has happened. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
}
