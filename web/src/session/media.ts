// The sound of one room: the peer connection that stands, the one that replaces it, the microphone and the ears.
// Knows slots, not people; the session tells it who is in which.

import type { OpenMicrophone, Opened } from "../audio/microphone";
import type { Sdp } from "../protocol/Sdp";
import type { Peer, PeerEvents } from "./peer";
import { beat, begin, type Expected, isCutOff, isDead, type Pulse } from "./pulse";
import type { MediaLine, Microphone } from "./state";
import { after, type Misses, WELL, whoMisses } from "./weakness";

export interface Ears {
  play(tracks: readonly MediaStreamTrack[]): void;
  resume(): void;
  setVolume(slot: number, volume: number): void;
  stop(): void;
}

export interface MediaWorld {
  newPeer(events: PeerEvents): Peer;
  ears(): Ears;
  openMicrophone(interrupted: () => void): Promise<Opened>;
  now(): number;
  every(ms: number, act: () => void): () => void;
}

export interface MediaEvents {
  line(line: MediaLine): void;
  microphone(microphone: Microphone): void;
  /** The connection broke: an offer for a fresh one is wanted. */
  wanted(): void;
  mutedButSpeaking(speaking: boolean): void;
}

/** Between two readings of levels: the eye does not see more than ten a second. */
const LEVELS_PERIOD_MS = 100;

export class Media {
  readonly #world: MediaWorld;
  readonly #events: MediaEvents;
  #spare: { peer: Peer; offer: Promise<Sdp> } | null = null;
  /** Offered, not yet connected. */
  #next: Peer | null = null;
  #peer: Peer | null = null;
  #ears: Ears | null = null;
  #microphone: OpenMicrophone | null = null;
  /** The browser is being asked; a second wish joins the first. */
  #opening: Promise<boolean> | null = null;
  /** Grows whenever the microphone is closed: an answer to an earlier question comes too late. */
  #closings = 0;
  #slots: readonly number[] = [];
  /** To my ears, and from my microphone. */
  #down = WELL;
  #up = WELL;
  #misses: Misses | null = null;
  #expected: Expected = "nothing";
  #pulse: Pulse = begin(0);
  /** Nothing comes any more though something has to: a fresh connection is being built, and this one kept until then. */
  #doubted = false;
  /** It stood before: a fresh one replaces something that was lost. */
  #stood = false;
  #stopReading: (() => void) | null = null;

  constructor(world: MediaWorld, events: MediaEvents) {
    this.#world = world;
    this.#events = events;
  }

  /** Whether the connection stands, so that a lost socket alone needs no new one. */
  get stands(): boolean {
    return this.#peer !== null && !this.#doubted;
  }

  /** What has to come from the server now, as far as the room is known. */
  expect(expected: Expected): void {
    this.#expected = expected;
  }

  /** Have an offer ready before it is wanted, and the ears made within the tap that wants them. */
  prepare(): void {
    this.#ears ??= this.#world.ears();
    this.#spare ??= this.#make();
  }

  /** The offer of a fresh connection. The one that stands goes on until the fresh one connects. */
  async offer(): Promise<Sdp> {
    // Within the tap that wants it, and before anybody's volume is set.
    this.#ears ??= this.#world.ears();
    const { peer, offer } = this.#spare ?? this.#make();
    this.#spare = null;
    this.#next?.close();
    this.#next = peer;
    if (this.#peer === null && !this.#stood) this.#events.line({ is: "connecting", since: this.#world.now() });
    return offer;
  }

  async accept(answer: Sdp): Promise<void> {
    const next = this.#next;
    if (next === null) return;
    // With nothing to keep up, the ears are there before the first packet is.
    if (this.#peer === null) this.#ears?.play(next.tracks());
    await next.send(this.#microphone?.sent ?? null);
    await next.accept(answer).catch(() => this.#broken(next));
  }

  setVolume(slot: number, volume: number): void {
    this.#ears?.setVolume(slot, volume);
  }

  resume(): void {
    this.#ears?.resume();
  }

  /** By slot, 0–1. */
  level(slot: number): number {
    return this.#slots[slot] ?? 0;
  }

  myLevel(): number {
    return this.#microphone?.level() ?? 0;
  }

  /** Ask the browser for the microphone and put it on the line, silent. */
  openMicrophone(): Promise<boolean> {
    if (this.#microphone !== null) return Promise.resolve(true);
    if (this.#opening !== null) return this.#opening;
    const opening = this.#open().finally(() => {
      if (this.#opening === opening) this.#opening = null;
    });
    this.#opening = opening;
    return opening;
  }

  setMicrophoneOpen(open: boolean): void {
    this.#microphone?.setOpen(open);
  }

  /** Off the line and off: the browser's red sign goes out. */
  closeMicrophone(): void {
    this.#closings += 1;
    this.#opening = null;
    if (this.#microphone === null) return;
    this.#microphone.close();
    this.#microphone = null;
    this.#events.microphone({ is: "closed" });
    this.#events.mutedButSpeaking(false);
    void this.#line()?.send(null);
  }

  /** Another microphone was chosen: it comes silent, like every one. */
  async reopenMicrophone(): Promise<boolean> {
    if (this.#microphone === null) return false;
    this.closeMicrophone();
    return this.openMicrophone();
  }

  /** What was offered last is not wanted. */
  withdraw(): void {
    this.#next?.close();
    this.#next = null;
  }

  /** Out of the room, and on into the one that the last offer is for: no packet of this one, no microphone. */
  moveOn(): void {
    this.closeMicrophone();
    this.#peer?.close();
    this.#peer = null;
    this.#slots = [];
    this.#measureAnew();
    this.#stood = this.#doubted = false;
  }

  /** Out of the room: no packet, no microphone. */
  stop(): void {
    this.moveOn();
    this.withdraw();
    this.#stopReading?.();
    this.#stopReading = null;
    this.#ears?.stop();
  }

  async #open(): Promise<boolean> {
    const asked = this.#closings;
    this.#events.microphone({ is: "asking" });
    const opened = await this.#world.openMicrophone(() => this.#interrupted());
    if (asked !== this.#closings) {
      // Closed while the person was deciding: nothing may stay open that nobody can see.
      if (opened.ok) opened.microphone.close();
      return false;
    }
    if (!opened.ok) {
      this.#events.microphone({ is: opened.why });
      return false;
    }
    this.#microphone = opened.microphone;
    this.#events.microphone({ is: "ready", label: opened.microphone.label });
    await this.#line()?.send(opened.microphone.sent);
    return true;
  }

  #make(): { peer: Peer; offer: Promise<Sdp> } {
    const peer: Peer = this.#world.newPeer({
      connected: () => this.#connected(peer),
      broken: () => this.#broken(peer),
    });
    return { peer, offer: peer.offer() };
  }

  #line(): Peer | null {
    return this.#next ?? this.#peer;
  }

  #connected(peer: Peer): void {
    if (peer === this.#next) {
      const before = this.#peer;
      this.#next = null;
      this.#peer = peer;
      if (before !== null) {
        this.#ears?.play(peer.tracks());
        before.close();
      }
    }
    if (peer !== this.#peer) return;
    this.#stood = true;
    this.#doubted = false;
    this.#pulse = begin(this.#world.now());
    this.#measureAnew();
    this.#events.line({ is: "live" });
    this.#stopReading ??= this.#world.every(LEVELS_PERIOD_MS, () => void this.#read());
  }

  #broken(peer: Peer): void {
    if (this.#spare?.peer === peer) {
      this.#spare = null;
      return;
    }
    if (peer !== this.#next && peer !== this.#peer) return;
    peer.close();
    if (peer === this.#next) this.#next = null;
    if (peer === this.#peer) this.#peer = null;
    if (this.#peer !== null && !this.#doubted) return;
    this.#slots = [];
    this.#events.line({ is: "lost", since: this.#world.now() });
    if (this.#next === null) this.#events.wanted();
  }

  /** It may be dead: a fresh one is built beside it, and whichever brings sound first goes on. */
  #doubt(peer: Peer): void {
    if (peer !== this.#peer || this.#doubted) return;
    this.#doubted = true;
    this.#events.line({ is: "lost", since: this.#world.now() });
    if (this.#next === null) this.#events.wanted();
  }

  #feelPulse(peer: Peer, signs: number): void {
    const now = this.#world.now();
    const before = this.#pulse;
    this.#pulse = beat(before, now, signs, this.#expected);
    if (isDead(this.#pulse, now) || (!peer.connected && isCutOff(this.#pulse, now))) this.#doubt(peer);
    else if (this.#doubted && signs > before.signs) {
      this.#doubted = false;
      this.#events.line(this.#standing());
    }
  }

  /** What was lost on another connection says nothing about this one. */
  #measureAnew(): void {
    this.#down = this.#up = WELL;
    this.#misses = null;
  }

  #standing(): MediaLine {
    return this.#misses === null ? { is: "live" } : { is: "weak", misses: this.#misses };
  }

  async #read(): Promise<void> {
    const peer = this.#peer;
    if (peer === null) return;
    const { slots, concealed, lost, signs } = await peer.levels();
    if (peer !== this.#peer) return;
    this.#feelPulse(peer, signs);
    this.#slots = slots;
    const microphone = this.#microphone;
    this.#down = after(this.#down, concealed);
    // Nothing new is reported of a voice that is silent, and nobody misses it.
    this.#up = microphone?.sent.enabled ? after(this.#up, lost) : WELL;
    const misses = whoMisses(this.#down, this.#up);
    if (misses !== this.#misses && this.stands) {
      this.#misses = misses;
      this.#events.line(this.#standing());
    }
    if (microphone !== null) {
      this.#events.mutedButSpeaking(!microphone.sent.enabled && microphone.speaking(this.#world.now()));
    }
  }

  #interrupted(): void {
    if (this.#microphone === null) return;
    this.closeMicrophone();
    this.#events.microphone({ is: "interrupted" });
  }
}

