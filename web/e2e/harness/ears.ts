// What a page receives, measured inside the page. `installEars` runs before the page's own scripts and is sent there as
// text, so it names nothing outside itself but its argument.

import { SILENCE_DB, TONE_DB, TONES } from "./tones.ts";

/** By this name a page tells what only it can see; each driver of browsers puts it there before the page's own scripts. */
export const TELL = "tellBrokenPromise";

export interface EarsOptions {
  readonly tones: readonly number[];
  readonly toneDb: number;
  readonly silenceDb: number;
  /** The window's function that is told of violations of the content security policy. */
  readonly tell: typeof TELL;
}

export const EARS: EarsOptions = { tones: TONES, toneDb: TONE_DB, silenceDb: SILENCE_DB, tell: TELL };

/** One received track, now. */
export interface HeardTrack {
  /** Tones of others that stand out of its spectrum, in hertz. */
  readonly tones: number[];
  /** Root mean square in dB of full scale; −200 is digital silence. */
  readonly db: number;
  /** Whether an element of the page plays it aloud. */
  readonly played: boolean;
}

export interface Hearing {
  /** Whether what follows can be believed: a suspended context measures silence whatever is received. */
  readonly awake: boolean;
  /** Tracks that were received once and have ended. */
  readonly ended: number;
  readonly tracks: HeardTrack[];
}

/**
 * Of what the page plays, since the last `mark`; times in milliseconds since 1970, of the sound itself and not of when the
 * page came to look.
 */
export interface SoundLog {
  readonly marked: number;
  readonly first: number | null;
  readonly last: number | null;
  /** The longest time without sound between two sounds, on the clock of the sound. */
  readonly gapMs: number;
}

export interface Connection {
  readonly state: RTCPeerConnectionState;
  /** The local port of the pair of candidates in use. */
  readonly port: number | null;
  /** What that pair runs over, and the server's port at its end; null while there is none. */
  readonly over: { readonly protocol: "udp" | "tcp"; readonly to: number } | null;
}

/** One socket of the page; times in milliseconds since 1970. */
export interface SocketTimes {
  readonly tried: number;
  readonly fell: number | null;
}

/** What the browser made of the packets of the voice that it received most of, since the connection began. */
export interface Played {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly packets: number;
  readonly samples: number;
  /** Samples that had to be invented, silence excepted. */
  readonly concealed: number;
  /** Seconds that all samples together have waited in the jitter buffer, and how many samples that were. */
  readonly waited: number;
  readonly emitted: number;
}

export interface Ears {
  /** Packets of the own voice, on all connections that the page ever had. */
  said(): Promise<number>;
  played(): Promise<Played>;
  /** Looks for so long, and gives what was played every 50 ms. */
  watch(ms: number): Promise<Played[]>;
  hear(): Hearing;
  /** Listens for so long, and gives what was heard every 50 ms. */
  listen(ms: number): Promise<Hearing[]>;
  mark(): void;
  log(): SoundLog;
  connections(): Promise<Connection[]>;
  /** The loudspeakers chosen for the page's elements; an empty text is the system's. */
  sinks(): string[];
  /** Every audio sender of every connection, for a page that lies. */
  senders(): RTCRtpSender[];
  /** Every socket that the page has tried, in order. */
  sockets(): SocketTimes[];
  /** Closes the sockets, as a network would: without a word from the page. */
  cutSockets(): number;
}

declare global {
  interface Window {
    ears: Ears;
    [TELL]?: (what: string) => Promise<void>;
  }
}

export function installEars({ tones, toneDb, silenceDb, tell }: EarsOptions): void {
  interface Ear {
    track: MediaStreamTrack;
    spectrum: AnalyserNode;
    moment: AnalyserNode;
    /** The last 32768 samples: 0.7 s, so that a page which is busy for so long misses nothing. */
    past: AnalyserNode;
  }
  const PAST = 32_768;
  const past = new Float32Array(PAST);
  const ears: Ear[] = [];
  const connections: RTCPeerConnection[] = [];
  const sockets: WebSocket[] = [];
  const times: Array<{ tried: number; fell: number | null }> = [];
  const elements = new Set<HTMLMediaElement>();
  let context: AudioContext | undefined;
  let log = { marked: Date.now(), first: null as number | null, last: null as number | null, gapMs: 0 };
  /** On the clock of the context, in seconds: until when the log knows of sound and silence, and the last sound in it. */
  let known = 0;
  let lastSound: number | null = null;

  const NativePeer = window.RTCPeerConnection;
  window.RTCPeerConnection = class extends NativePeer {
    constructor(configuration?: RTCConfiguration) {
      super(configuration);
      connections.push(this);
      this.addEventListener("track", (event) => attach(event.track));
    }
  };
  const NativeSocket = window.WebSocket;
  window.WebSocket = class extends NativeSocket {
    constructor(url: string | URL, protocols?: string | string[]) {
      super(url, protocols);
      sockets.push(this);
      const time = { tried: Date.now(), fell: null as number | null };
      times.push(time);
      this.addEventListener("close", () => (time.fell = Date.now()));
    }
  };
  // Whatever an element is given to play, it is known from here.
  const source = Object.getOwnPropertyDescriptor(HTMLMediaElement.prototype, "srcObject");
  const setSource = source?.set;
  if (source === undefined || setSource === undefined) throw new Error("no HTMLMediaElement.srcObject");
  Object.defineProperty(HTMLMediaElement.prototype, "srcObject", {
    ...source,
    set(this: HTMLMediaElement, value: MediaProvider | null) {
      elements.add(this);
      setSource.call(this, value);
    },
  });
  document.addEventListener("securitypolicyviolation", (event) => {
    void window[tell]?.(`${event.violatedDirective}: ${event.blockedURI} ${event.sample}`);
  });

  function attach(track: MediaStreamTrack): void {
    if (track.kind !== "audio" || ears.some((ear) => ear.track === track)) return;
    context ??= new AudioContext();
    void context.resume();
    const stream = new MediaStream([track]);
    // Chromium feeds a received track into audio nodes only while some element plays it.
    const silent = new Audio();
    silent.muted = true;
    setSource?.call(silent, stream);
    silent.play().catch(() => undefined);
    const input = context.createMediaStreamSource(stream);
    const analyser = (fftSize: number): AnalyserNode => {
      const node = new AnalyserNode(context as AudioContext, { fftSize, smoothingTimeConstant: 0 });
      input.connect(node);
      return node;
    };
    // 8192 samples tell tones 6 Hz apart; 1024 tell moments 21 ms apart.
    ears.push({ track, spectrum: analyser(8192), moment: analyser(1024), past: analyser(PAST) });
  }

  function tonesOf(node: AnalyserNode): number[] {
    const bins = new Float32Array(node.frequencyBinCount);
    node.getFloatFrequencyData(bins);
    const width = node.context.sampleRate / node.fftSize;
    return tones.filter((tone) => {
      const middle = Math.round(tone / width);
      const near = bins.subarray(middle - 2, middle + 3);
      const around = Math.max(...bins.subarray(middle - 8, middle - 4), ...bins.subarray(middle + 5, middle + 9));
      const peak = Math.max(...near);
      // A tone stands out of its surroundings; a click or noise is as loud beside it.
      return peak > toneDb && peak > around + 12;
    });
  }

  function decibels(node: AnalyserNode): number {
    const samples = new Float32Array(node.fftSize);
    node.getFloatTimeDomainData(samples);
    const square = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length;
    return square > 0 ? Math.max(-200, 10 * Math.log10(square)) : -200;
  }

  function isPlayed(track: MediaStreamTrack): boolean {
    return [...elements].some((element) => {
      const stream = element.srcObject;
      const holds = stream instanceof MediaStream && stream.getAudioTracks().some(({ id }) => id === track.id);
      return holds && !element.paused && !element.muted && element.volume > 0;
    });
  }

  function hear(): Hearing {
    // Where a browser wants a tap before sound, it may have come since.
    if (context?.state === "suspended") void context.resume();
    const living = ears.filter((ear) => ear.track.readyState === "live");
    const tracks = living.map(({ track, spectrum, moment }) => {
      return { tones: tonesOf(spectrum), db: decibels(moment), played: isPlayed(track) };
    });
    return { awake: context?.state === "running", ended: ears.length - living.length, tracks };
  }

  /** Whether it sounds, block by block, in the newest `count` blocks of `size` samples. */
  function soundIn(ear: Ear, count: number, size: number): boolean[] {
    ear.past.getFloatTimeDomainData(past);
    const from = PAST - count * size;
    return Array.from({ length: count }, (_, block) => {
      const samples = past.subarray(from + block * size, from + (block + 1) * size);
      return 10 * Math.log10(samples.reduce((sum, sample) => sum + sample * sample, 0) / size) > silenceDb;
    });
  }

  // A page under load looks late. It looks at all that it was played since it looked last, so being late is no silence.
  setInterval(() => {
    if (context === undefined) return;
    const [now, at] = [Date.now(), context.currentTime];
    const size = Math.round(context.sampleRate / 100);
    const seconds = size / context.sampleRate;
    const count = Math.min(Math.ceil((at - known) / seconds), Math.floor(PAST / size));
    if (count <= 0) return;
    // Where sound is on both sides of what nobody looked at (within three blocks, 30 ms), no gap is known of.
    const unseen = lastSound !== null && lastSound > known - 3 * seconds ? Math.max(0, at - count * seconds - known) : 0;
    known = at;
    const heard = ears.filter((ear) => isPlayed(ear.track)).map((ear) => soundIn(ear, count, size));
    for (let block = 0; block < count; block += 1) {
      if (!heard.some((sounds) => sounds[block])) continue;
      const age = (count - 1 - block) * seconds;
      const wall = now - age * 1000;
      if (wall < log.marked) continue;
      log.first ??= wall;
      if (log.last !== null && lastSound !== null) {
        const silent = at - age - lastSound - (block < 3 ? unseen : 0);
        log.gapMs = Math.max(log.gapMs, Math.round(silent * 1000));
      }
      log.last = wall;
      lastSound = at - age;
    }
  }, 20);

  window.ears = {
    played,
    said,
    async watch(ms) {
      const all: Played[] = [];
      for (const until = performance.now() + ms; performance.now() < until; ) {
        all.push(await played());
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      return all;
    },
    hear,
    listen: (ms) =>
      new Promise((resolve) => {
        const heard: Hearing[] = [];
        const until = performance.now() + ms;
        const timer = setInterval(() => {
          heard.push(hear());
          if (performance.now() < until) return;
          clearInterval(timer);
          resolve(heard);
        }, 50);
      }),
    mark() {
      log = { marked: Date.now(), first: null, last: null, gapMs: 0 };
    },
    log: () => log,
    connections: () => Promise.all(connections.map(describe)),
    sinks: () => [...elements].map(({ sinkId }) => sinkId),
    senders: () => connections.flatMap((connection) => connection.getTransceivers().map(({ sender }) => sender)),
    sockets: () => times,
    cutSockets() {
      const open = sockets.filter((socket) => socket.readyState <= WebSocket.OPEN);
      for (const socket of open) socket.close();
      return open.length;
    },
  };

  async function played(): Promise<Played> {
    // "disconnected" too: a browser says so while voices still come.
    const standing = connections.filter(({ connectionState: state }) => state !== "closed" && state !== "failed");
    const voices: Played[] = [];
    for (const connection of standing) {
      (await connection.getStats()).forEach((entry: Partial<RTCInboundRtpStreamStats>) => {
        if (entry.type !== "inbound-rtp") return;
        voices.push({
          at: Date.now(),
          packets: entry.packetsReceived ?? 0,
          samples: entry.totalSamplesReceived ?? 0,
          concealed: (entry.concealedSamples ?? 0) - (entry.silentConcealedSamples ?? 0),
          waited: entry.jitterBufferDelay ?? 0,
          emitted: entry.jitterBufferEmittedCount ?? 0,
        });
      });
    }
    const most = voices.sort((a, b) => b.packets - a.packets)[0];
    if (most === undefined) throw new Error("no voice is received");
    return most;
  }

  async function said(): Promise<number> {
    let packets = 0;
    for (const connection of connections) {
      (await connection.getStats()).forEach((entry: Partial<RTCOutboundRtpStreamStats>) => {
        if (entry.type === "outbound-rtp") packets += entry.packetsSent ?? 0;
      });
    }
    return packets;
  }

  async function describe(connection: RTCPeerConnection): Promise<Connection> {
    const stats = await connection.getStats();
    const entries = new Map<string, Record<string, unknown>>();
    stats.forEach((entry: Record<string, unknown>, id) => entries.set(id, entry));
    // Several pairs may be nominated one after the other where hosts have several addresses; the transport knows which
    // of them is in use, and Firefox marks it.
    const transport = [...entries.values()].find((entry) => entry["type"] === "transport");
    const pair =
      entries.get(String(transport?.["selectedCandidatePairId"])) ??
      [...entries.values()].find((entry) => entry["type"] === "candidate-pair" && entry["selected"] === true);
    const [local, remote] = ["localCandidateId", "remoteCandidateId"].map((end) => entries.get(String(pair?.[end])));
    const [port, to, protocol] = [local?.["port"], remote?.["port"], local?.["protocol"]];
    return {
      state: connection.connectionState,
      port: typeof port === "number" ? port : null,
      over: typeof to === "number" && (protocol === "udp" || protocol === "tcp") ? { protocol, to } : null,
    };
  }
}
