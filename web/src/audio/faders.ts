// Turns somebody down where a media element cannot (`turnsDown` in `playout.ts`). Whoever cannot be turned down here either is
// heard in full: never not at all.

interface Fader {
  readonly stream: MediaProvider;
  readonly source: MediaStreamAudioSourceNode;
  readonly gain: GainNode;
}

export class Faders {
  readonly #context: AudioContext;
  readonly #faders = new Map<HTMLMediaElement, Fader>();

  constructor(context = new AudioContext()) {
    this.#context = context;
    // A call or another page may take it away.
    context.onstatechange = () => {
      for (const element of this.#faders.keys()) this.#yield(element);
    };
  }

  /** What the element plays, as loud as this; 0 and 1 it can do by itself. */
  set(element: HTMLMediaElement, volume: number): void {
    const stream = element.srcObject;
    const before = this.#faders.get(element);
    if (before !== undefined && (before.stream !== stream || volume === 0 || volume === 1)) {
      before.source.disconnect();
      before.gain.disconnect();
      this.#faders.delete(element);
      element.muted = volume === 0;
    }
    if (!(stream instanceof MediaStream) || volume === 0 || volume === 1) return;
    const fader = this.#faders.get(element) ?? this.#made(stream);
    this.#faders.set(element, fader);
    fader.gain.gain.value = volume;
    void this.#context.resume();
    this.#yield(element);
  }

  #made(stream: MediaStream): Fader {
    const source = this.#context.createMediaStreamSource(stream);
    const gain = this.#context.createGain();
    source.connect(gain).connect(this.#context.destination);
    return { stream, source, gain };
  }

  /** One of the two is heard, and only one. */
  #yield(element: HTMLMediaElement): void {
    element.muted = this.#context.state === "running";
  }
}
