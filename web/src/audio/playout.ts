// The ears: one audio element a slot, made once on the tap that enters a room and kept, because browsers silence
// elements that are made later in the background.

import { SLOTS } from "../session/peer";
import type { Playback } from "../session/state";

export class Playout {
  readonly #elements: readonly HTMLAudioElement[];
  readonly #told: (playback: Playback) => void;
  #speaker: string | null;

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
    const element = this.#elements[slot];
    if (element !== undefined) element.volume = Math.min(1, Math.max(0, volume));
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
    for (const element of this.#elements) element.srcObject = null;
  }
}
