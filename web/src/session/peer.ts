// One peer connection: offered once, answered once, never renegotiated. A broken one is replaced, not repaired.

import type { Sdp } from "../protocol/Sdp";

/** As many voices as the server forwards at once (`protocol::media::SLOTS`). */
export const SLOTS = 3;
/** A connection that has not come up by then is given up. */
const CONNECT_MAX_MS = 10_000;

export interface PeerEvents {
  connected(): void;
  /** It will not come back; build another. */
  broken(): void;
}

export interface Levels {
  /** By slot, 0–1. */
  readonly slots: readonly number[];
  /** Share of what was played that had to be invented, 0–1, since the last reading. */
  readonly concealed: number;
  /** Share of what the microphone's line sent that did not arrive, 0–1, as the server reported last. */
  readonly lost: number;
  /** Grows with everything that comes from the server: packets, reports, answers to checks. */
  readonly signs: number;
}

type Stats = Partial<RTCInboundRtpStreamStats> & { readonly type?: string; readonly responsesReceived?: number; readonly fractionLost?: number };

function signsOf({ type, timestamp = 0, packetsReceived = 0, responsesReceived = 0 }: Stats): number {
  switch (type) {
    case "inbound-rtp":
      return packetsReceived;
    // Of the moment when the report came.
    case "remote-inbound-rtp":
    case "remote-outbound-rtp":
      return timestamp;
    case "candidate-pair":
      return responsesReceived;
    default:
      return 0;
  }
}

export class Peer {
  readonly #pc: RTCPeerConnection;
  readonly #events: PeerEvents;
  readonly #microphone: RTCRtpTransceiver;
  readonly #slots: readonly RTCRtpTransceiver[];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #closed = false;
  #played = { samples: 0, concealed: 0 };

  constructor(certificate: RTCCertificate | null, events: PeerEvents) {
    this.#events = events;
    this.#pc = new RTCPeerConnection({
      bundlePolicy: "max-bundle",
      ...(certificate === null ? {} : { certificates: [certificate] }),
    });
    // The order is the contract: the microphone's line first, then the slots (media::sdp).
    this.#microphone = this.#pc.addTransceiver("audio", { direction: "sendonly" });
    this.#slots = Array.from({ length: SLOTS }, () => this.#pc.addTransceiver("audio", { direction: "recvonly" }));
    this.#pc.onconnectionstatechange = () => this.#changed();
  }

  async offer(): Promise<Sdp> {
    const offer = await this.#pc.createOffer();
    await this.#pc.setLocalDescription(offer);
    // No candidates are needed: the server only answers, and learns our address from our first packet.
    return this.#pc.localDescription?.sdp ?? offer.sdp ?? "";
  }

  async accept(answer: Sdp): Promise<void> {
    if (this.#closed) return;
    this.#timer = setTimeout(() => this.#break(), CONNECT_MAX_MS);
    await this.#pc.setRemoteDescription({ type: "answer", sdp: answer });
  }

  get connected(): boolean {
    return this.#pc.connectionState === "connected";
  }

  /** The tracks that the slots play, in order; constant for the life of the connection. */
  tracks(): readonly MediaStreamTrack[] {
    return this.#slots.map((slot) => slot.receiver.track);
  }

  /** What the microphone's line carries; null is silence, and costs no packet. */
  async send(track: MediaStreamTrack | null): Promise<void> {
    if (!this.#closed) await this.#microphone.sender.replaceTrack(track);
  }

  /** From getStats: the level's header extension stays with the server, so that encrypted rooms work alike. */
  async levels(): Promise<Levels> {
    const slots = this.#slots.map(() => 0);
    const before = this.#played;
    const after = { samples: 0, concealed: 0 };
    let [signs, lost] = [0, 0];
    if (this.#closed) return { slots, concealed: 0, lost, signs };
    const mids = this.#slots.map((slot) => slot.mid);
    (await this.#pc.getStats()).forEach((entry: Stats) => {
      signs += signsOf(entry);
      lost = Math.max(lost, entry.fractionLost ?? 0);
      if (entry.type !== "inbound-rtp") return;
      const slot = mids.indexOf(entry.mid ?? null);
      if (slot >= 0) slots[slot] = entry.audioLevel ?? 0;
      after.samples += entry.totalSamplesReceived ?? 0;
      after.concealed += (entry.concealedSamples ?? 0) - (entry.silentConcealedSamples ?? 0);
    });
    this.#played = after;
    const samples = after.samples - before.samples;
    const concealed = samples > 0 ? Math.max(0, after.concealed - before.concealed) / samples : 0;
    return { slots, concealed, lost, signs };
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#pc.onconnectionstatechange = null;
    this.#pc.close();
  }

  #changed(): void {
    clearTimeout(this.#timer);
    switch (this.#pc.connectionState) {
      case "connected":
        this.#events.connected();
        break;
      case "disconnected":
        // It may come back, and voices may come all the while; the browser itself says when it has failed.
        break;
      case "failed":
      case "closed":
        this.#break();
        break;
      default:
        this.#timer = setTimeout(() => this.#break(), CONNECT_MAX_MS);
    }
  }

  #break(): void {
    if (this.#closed) return;
    this.close();
    this.#events.broken();
  }
}
