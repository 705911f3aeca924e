// The ears: one audio element a slot, made once on the tap that enters a room and kept, because browsers silence
// elements that are made later in the background.

import { SLOTS } from "../session/peer";
import type { Playback } from "../session/state";
import type { Faders } from "./faders";

/** Whether elements can be turned down here: on iOS their volume stays at 1, and the loudspeaker of a call is not theirs to
 * choose, whatever they say (livekit/client-sdk-js#537, #1635). */
export function turnsDown(element: Pick<HTMLMediaElement, "volume"> = new Audio()): boolean {
  element.volume = 0.5;
  return element.volume === 0.5;
}

export class Playout {
  readonly #elements: readonly HTMLAudioElement[];
  readonly #told: (playback: Playback) => void;
  #speaker: string | null;
  readonly #volumes = Array.from({ length: SLOTS }, () => 1);
  /** What turns down where elements cannot; fetched for the first who is turned down. */
  #faders: Promise<Faders | null> | null = null;

  /** `told` hears whether the browser lets sound out, when it refuses and when it no longer does. */
  constructor(speaker: string | null, told: (playback: Playback) => void) {
    this.#told = told;
    this.#speaker = speaker;
    this.#elements = Array.from({ length: SLOTS }, () => {
      const element = new Audio();
      element.autoplay = true;
      // Any touch of the page may have let it out, not only the one that was asked for.
      element.onplaying = () => {
        if (this.#elements.every(({ paused, srcObject }) => srcObject === null || !paused)) this.#told("ok");
      };
      return element;
    });
    void this.useSpeaker(speaker);
  }

  play(tracks: readonly MediaStreamTrack[]): void {
    this.#elements.forEach((element, slot) => {
      const track = tracks[slot];
      element.srcObject = track === undefined ? null : new MediaStream([track]);
      this.#fade(slot);
    });
    this.resume();
  }

  /** Again, from within a tap. */
  resume(): void {
    for (const element of this.#elements) {
      if (element.srcObject !== null) {
        element.play().catch((error: unknown) => {
          if (error instanceof DOMException && error.name === "NotAllowedError") this.#told("needs_tap");
        });
      }
    }
  }

  setVolume(slot: number, volume: number): void {
    this.#volumes[slot] = Math.min(1, Math.max(0, volume));
    this.#fade(slot);
  }

  #fade(slot: number): void {
    const [element, volume = 1] = [this.#elements[slot], this.#volumes[slot]];
    if (element === undefined) return;
    element.volume = volume;
    // Off is off everywhere; what is between may have to be done otherwise.
    element.muted = volume === 0;
    if (this.#faders === null && (volume === 0 || element.volume === volume)) return;
    this.#faders ??= import("./faders").then(({ Faders }) => new Faders()).catch(() => null);
    void this.#faders.then((faders) => faders?.set(element, this.#volumes[slot] ?? 1));
  }

  async useSpeaker(speaker: string | null): Promise<void> {
    this.#speaker = speaker;
    await Promise.all(
      this.#elements.map((element) =>
        "setSinkId" in element ? element.setSinkId(this.#speaker ?? "").catch(() => undefined) : undefined,
      ),
    );
  }

  stop(): void {
    this.#elements.forEach((element, slot) => {
      element.srcObject = null;
      this.#fade(slot);
    });
  }
}
