// A meeting without a server: pages connected to each other directly. It proves the ears, not the product.

import { createServer, type Server as HttpServer } from "node:http";
import { once } from "node:events";
import { ask, type Listener } from "./hearing.ts";

/** What a page of the meeting can do; the same code runs in Chromium and in Firefox. */
interface Meeting {
  /** Opens the microphone; its track. */
  join(): Promise<void>;
  offer(to: string): Promise<string>;
  answer(from: string, offer: string): Promise<string>;
  accept(from: string, answer: string): Promise<void>;
  setMicrophone(open: boolean): void;
  /** The loudspeaker, not what is received. */
  setLoudspeaker(on: boolean): void;
  leave(): void;
}

declare global {
  interface Window {
    meeting: Meeting;
  }
}

const PAGE = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Meeting</title><script>(${script})()</script></html>`;

function script(): void {
  const peers = new Map<string, RTCPeerConnection>();
  const elements: HTMLAudioElement[] = [];
  let microphone: MediaStream | undefined;

  function connect(other: string): RTCPeerConnection {
    const peer = new RTCPeerConnection();
    peers.set(other, peer);
    for (const track of microphone?.getTracks() ?? []) peer.addTrack(track);
    peer.ontrack = ({ track }) => {
      const element = new Audio();
      element.srcObject = new MediaStream([track]);
      void element.play();
      elements.push(element);
    };
    return peer;
  }

  async function gathered(peer: RTCPeerConnection, description: RTCSessionDescriptionInit): Promise<string> {
    await peer.setLocalDescription(description);
    while (peer.iceGatheringState !== "complete") {
      await new Promise((resolve) => peer.addEventListener("icegatheringstatechange", resolve, { once: true }));
    }
    return peer.localDescription?.sdp ?? "";
  }

  window.meeting = {
    async join() {
      const off = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };
      microphone = await navigator.mediaDevices.getUserMedia({ audio: off });
    },
    async offer(to) {
      const peer = connect(to);
      return gathered(peer, await peer.createOffer());
    },
    async answer(from, sdp) {
      const peer = connect(from);
      await peer.setRemoteDescription({ type: "offer", sdp });
      return gathered(peer, await peer.createAnswer());
    },
    async accept(from, sdp) {
      await peers.get(from)?.setRemoteDescription({ type: "answer", sdp });
    },
    setMicrophone(open) {
      for (const track of microphone?.getTracks() ?? []) track.enabled = open;
    },
    setLoudspeaker(on) {
      for (const element of elements) element.muted = !on;
    },
    leave() {
      for (const peer of peers.values()) peer.close();
    },
  };
}

/** Serves the page of the meeting. */
export class MeetingPlace {
  readonly #http: HttpServer;

  private constructor(
    http: HttpServer,
    readonly origin: string,
  ) {
    this.#http = http;
  }

  static async open(): Promise<MeetingPlace> {
    const http = createServer((_, response) => {
      response.setHeader("content-type", "text/html; charset=utf-8");
      response.end(PAGE);
    });
    http.listen(0, "127.0.0.1");
    await once(http, "listening");
    const address = http.address();
    if (address === null || typeof address === "string") throw new Error("no port");
    return new MeetingPlace(http, `http://localhost:${address.port}`);
  }

  close(): void {
    this.#http.closeAllConnections();
    this.#http.close();
  }
}

export async function join(listener: Listener): Promise<void> {
  await ask(listener, () => window.meeting.join(), undefined);
}

/** Connects two who have joined, both ways. */
export async function introduce(one: Listener, other: Listener): Promise<void> {
  const offer = await ask(one, (to) => window.meeting.offer(to), other.name);
  const answer = await ask(other, ([from, sdp]) => window.meeting.answer(from, sdp), [one.name, offer] as const);
  await ask(one, ([from, sdp]) => window.meeting.accept(from, sdp), [other.name, answer] as const);
}

export async function setMicrophone(listener: Listener, open: boolean): Promise<void> {
  await ask(listener, (on) => window.meeting.setMicrophone(on), open);
}

export async function setLoudspeaker(listener: Listener, on: boolean): Promise<void> {
  await ask(listener, (value) => window.meeting.setLoudspeaker(value), on);
}

export async function leave(listener: Listener): Promise<void> {
  await ask(listener, () => window.meeting.leave(), undefined);
}
