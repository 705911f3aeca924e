// Small sounds, synthesised, and only about you. Sine with a soft attack, quiet, under 180 ms (but the door's).

export type Cue =
  | "on_stage"
  | "microphone_open"
  | "microphone_shut"
  | "asked_up"
  | "line_lost"
  | "line_back"
  | "door"
  | "hand";

const D4 = 293.66;
const A4 = 440;
const D5 = 587.33;
const FS5 = 739.99;
const A5 = 880;

interface Note {
  readonly hertz: number;
  /** Seconds. */
  readonly at: number;
  readonly long: number;
}

const SHORT_S = 0.09;
const pair = (first: number, second: number): readonly Note[] => [
  { hertz: first, at: 0, long: SHORT_S },
  { hertz: second, at: 0.085, long: SHORT_S },
];

const CUES: Record<Cue, readonly Note[]> = {
  on_stage: pair(D5, A5),
  microphone_open: [{ hertz: A5, at: 0, long: SHORT_S }],
  microphone_shut: [{ hertz: D5, at: 0, long: SHORT_S }],
  asked_up: pair(A4, A4),
  line_lost: pair(A4, D4),
  line_back: pair(D4, A4),
  door: [{ hertz: D4, at: 0, long: 0.4 }],
  hand: [{ hertz: FS5, at: 0, long: SHORT_S }],
};

/** Linear gain of −24 dB: heard in a pause, lost under a voice. */
const PEAK = 0.063;
const ATTACK_S = 0.012;
/** A room full of hands would ring like a shop door. */
const HANDS_APART_MS = 10_000;
/** Milliseconds of vibration when the microphone changes. */
const HAPTIC_MS = 8;

export class Sounds {
  #context: AudioContext | null = null;
  #lastHand = Number.NEGATIVE_INFINITY;
  readonly #wanted: () => boolean;

  constructor(wanted: () => boolean) {
    this.#wanted = wanted;
  }

  /** Browsers let sound out after a gesture: call from one. */
  unlock(): void {
    if (!this.#wanted()) return;
    this.#context ??= new AudioContext({ latencyHint: "interactive" });
    if (this.#context.state === "suspended") void this.#context.resume().catch(() => undefined);
  }

  play(cue: Cue, now: number = performance.now()): void {
    if (cue === "microphone_open" || cue === "microphone_shut") navigator.vibrate?.(HAPTIC_MS);
    const context = this.#context;
    if (!this.#wanted() || context?.state !== "running") return;
    if (cue === "hand") {
      if (now - this.#lastHand < HANDS_APART_MS) return;
      this.#lastHand = now;
    }
    for (const note of CUES[cue]) sound(context, note);
  }
}

function sound(context: AudioContext, { hertz, at, long }: Note): void {
  const start = context.currentTime + at;
  const tone = new OscillatorNode(context, { type: "sine", frequency: hertz });
  const gain = new GainNode(context, { gain: 0 });
  gain.gain.setValueAtTime(0, start);
  gain.gain.linearRampToValueAtTime(PEAK, start + ATTACK_S);
  gain.gain.exponentialRampToValueAtTime(0.0001, start + long);
  tone.connect(gain).connect(context.destination);
  tone.start(start);
  tone.stop(start + long + 0.02);
}
