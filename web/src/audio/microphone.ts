// My microphone. Opened only on the way to the stage, closed when leaving it: the browser's red sign tells the truth.

/** How loud counts as speaking, 0–1 root mean square: about −40 dBFS. */
const SPEAKING = 0.01;
/** For how long, before "you are muted" is said: longer than a cough. */
const SPEAKING_MS = 600;

export type Opened =
  | { readonly ok: true; readonly microphone: OpenMicrophone }
  | { readonly ok: false; readonly why: "denied" | "missing" };

export async function openMicrophone(deviceId: string | null, interrupted: () => void): Promise<Opened> {
  if (navigator.mediaDevices === undefined) return { ok: false, why: "missing" };
  const processing = { echoCancellation: true, noiseSuppression: true, autoGainControl: true, channelCount: 1 };
  try {
    audioSession("play-and-record");
    const stream = await navigator.mediaDevices
      .getUserMedia({ audio: { ...processing, ...(deviceId === null ? {} : { deviceId: { exact: deviceId } }) } })
      .catch((error: unknown) => {
        // The chosen device is gone: the system's own choice is better than none.
        if (deviceId !== null && error instanceof DOMException && error.name === "OverconstrainedError") {
          return navigator.mediaDevices.getUserMedia({ audio: processing });
        }
        throw error;
      });
    const [track] = stream.getAudioTracks();
    if (track === undefined) return { ok: false, why: "missing" };
    return { ok: true, microphone: new OpenMicrophone(track, interrupted) };
  } catch (error) {
    audioSession("playback");
    const denied = error instanceof DOMException && (error.name === "NotAllowedError" || error.name === "SecurityError");
    return { ok: false, why: denied ? "denied" : "missing" };
  }
}

export class OpenMicrophone {
  /** What is sent: silent unless open. */
  readonly sent: MediaStreamTrack;
  /** What is heard here, for the meter and for "you are muted but speaking". Never leaves the page. */
  readonly #heard: MediaStreamTrack;
  readonly #context: AudioContext;
  readonly #analyser: AnalyserNode;
  readonly #samples: Float32Array<ArrayBuffer>;
  #speakingSince: number | null = null;

  constructor(track: MediaStreamTrack, interrupted: () => void) {
    this.#heard = track;
    this.sent = track.clone();
    this.sent.enabled = false;
    this.sent.contentHint = "speech";
    track.onended = interrupted;
    track.onmute = interrupted;
    this.#context = new AudioContext();
    this.#analyser = this.#context.createAnalyser();
    this.#analyser.fftSize = 1024;
    this.#samples = new Float32Array(this.#analyser.fftSize);
    this.#context.createMediaStreamSource(new MediaStream([track])).connect(this.#analyser);
  }

  get label(): string {
    return this.#heard.label;
  }

  setOpen(open: boolean): void {
    this.sent.enabled = open;
  }

  /** How loud it is at the microphone now, 0–1, whether open or muted. */
  level(): number {
    this.#analyser.getFloatTimeDomainData(this.#samples);
    const energy = this.#samples.reduce((sum, sample) => sum + sample * sample, 0);
    return Math.min(1, Math.sqrt(energy / this.#samples.length));
  }

  /** Whether somebody has been speaking at it for a while. `now` in milliseconds. */
  speaking(now: number): boolean {
    if (this.level() < SPEAKING) {
      this.#speakingSince = null;
      return false;
    }
    this.#speakingSince ??= now;
    return now - this.#speakingSince > SPEAKING_MS;
  }

  close(): void {
    this.#heard.onended = this.#heard.onmute = null;
    this.#heard.stop();
    this.sent.stop();
    void this.#context.close();
    audioSession("playback");
  }
}

/** Safari's hint that keeps sound on the loudspeaker; nothing elsewhere. */
export function audioSession(type: "playback" | "play-and-record"): void {
  const session = (navigator as Navigator & { audioSession?: { type: string } }).audioSession;
  if (session !== undefined) session.type = type;
}
