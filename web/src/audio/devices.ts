// Which microphone and which loudspeaker, remembered on this device only.

import type { Device, Devices } from "../session/contract";
import { Choice } from "./choice";
import { openMicrophone } from "./microphone";
import { turnsDown } from "./playout";

const MICROPHONE_KEY = "vivavoce.microphone";
const SPEAKER_KEY = "vivavoce.speaker";

/** How long the loudspeaker's test tone sounds. */
const TEST_TONE_S = 0.6;

export interface ChosenDevices extends Devices {
  /** Called when another microphone is to be opened. One that goes away ends by itself, and opens nothing. */
  onmicrophone: (() => void) | null;
  /** Called when another loudspeaker is to be used. */
  onspeaker: (() => void) | null;
}

export function createDevices(): ChosenDevices {
  const microphone = new Choice(remembered(MICROPHONE_KEY));
  const speaker = new Choice(remembered(SPEAKER_KEY));
  const canChooseSpeaker = "setSinkId" in HTMLMediaElement.prototype && turnsDown();

  const devices: ChosenDevices = {
    onmicrophone: null,
    onspeaker: null,
    canChooseSpeaker,
    get microphone() {
      return microphone.used;
    },
    get speaker() {
      return speaker.used;
    },
    async list() {
      const all = (await navigator.mediaDevices?.enumerateDevices()) ?? [];
      const of = (kind: MediaDeviceKind): Device[] =>
        all.filter((device) => device.kind === kind).map(({ deviceId, label }) => ({ id: deviceId, label }));
      return { microphones: of("audioinput"), speakers: canChooseSpeaker ? of("audiooutput") : [] };
    },
    chooseMicrophone(id) {
      remember(MICROPHONE_KEY, id);
      if (microphone.choose(id) !== "none") devices.onmicrophone?.();
      return Promise.resolve();
    },
    chooseSpeaker(id) {
      remember(SPEAKER_KEY, id);
      if (speaker.choose(id) !== "none") devices.onspeaker?.();
      return Promise.resolve();
    },
    async testMicrophone(onLevel) {
      const opened = await openMicrophone(microphone.used, () => undefined);
      if (!opened.ok) return { ok: false, stop: () => undefined };
      let frame = requestAnimationFrame(function read() {
        onLevel(opened.microphone.level());
        frame = requestAnimationFrame(read);
      });
      return {
        ok: true,
        stop() {
          cancelAnimationFrame(frame);
          opened.microphone.close();
        },
      };
    },
    async testSpeaker() {
      const context = new AudioContext();
      if (speaker.used !== null && "setSinkId" in context) {
        const chosen = context as AudioContext & { setSinkId(id: string): Promise<void> };
        await chosen.setSinkId(speaker.used).catch(() => undefined);
      }
      const gain = context.createGain();
      gain.gain.setValueAtTime(0, context.currentTime);
      gain.gain.linearRampToValueAtTime(0.12, context.currentTime + 0.05);
      gain.gain.linearRampToValueAtTime(0, context.currentTime + TEST_TONE_S);
      const tone = new OscillatorNode(context, { frequency: 440 });
      tone.connect(gain).connect(context.destination);
      tone.start();
      tone.stop(context.currentTime + TEST_TONE_S);
      await new Promise((done) => {
        tone.onended = done;
      });
      await context.close();
    },
  };

  navigator.mediaDevices?.addEventListener("devicechange", () => {
    void devices.list().then((plugged) => {
      const ids = (some: readonly Device[]): string[] => some.map(({ id }) => id);
      if (microphone.plugged(ids(plugged.microphones)) === "another") devices.onmicrophone?.();
      if (speaker.plugged(ids(plugged.speakers)) !== "none") devices.onspeaker?.();
    });
  });
  return devices;
}

function remembered(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

function remember(key: string, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(key);
    else localStorage.setItem(key, value);
  } catch {
    // A browser that keeps nothing: the choice holds for this page.
  }
}
