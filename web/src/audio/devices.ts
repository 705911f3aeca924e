// Which microphone and which loudspeaker, remembered on this device only.

import type { Device, Devices } from "../session/contract";
import { openMicrophone } from "./microphone";

const MICROPHONE_KEY = "vivavoce.microphone";
const SPEAKER_KEY = "vivavoce.speaker";

/** How long the loudspeaker's test tone sounds. */
const TEST_TONE_S = 0.6;

export interface ChosenDevices extends Devices {
  /** Called when a choice changes, or a chosen device went away. */
  onchange: (() => void) | null;
}

export function createDevices(): ChosenDevices {
  let microphone = remembered(MICROPHONE_KEY);
  let speaker = remembered(SPEAKER_KEY);
  const canChooseSpeaker = "setSinkId" in HTMLMediaElement.prototype;

  const devices: ChosenDevices = {
    onchange: null,
    canChooseSpeaker,
    get microphone() {
      return microphone;
    },
    get speaker() {
      return speaker;
    },
    async list() {
      const all = (await navigator.mediaDevices?.enumerateDevices()) ?? [];
      const of = (kind: MediaDeviceKind): Device[] =>
        all.filter((device) => device.kind === kind).map(({ deviceId, label }) => ({ id: deviceId, label }));
      return { microphones: of("audioinput"), speakers: canChooseSpeaker ? of("audiooutput") : [] };
    },
    chooseMicrophone(id) {
      microphone = id;
      remember(MICROPHONE_KEY, id);
      devices.onchange?.();
      return Promise.resolve();
    },
    chooseSpeaker(id) {
      speaker = id;
      remember(SPEAKER_KEY, id);
      devices.onchange?.();
      return Promise.resolve();
    },
    async testMicrophone(onLevel) {
      const opened = await openMicrophone(microphone, () => undefined);
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
      if (speaker !== null && "setSinkId" in context) {
        await (context as AudioContext & { setSinkId(id: string): Promise<void> }).setSinkId(speaker).catch(() => undefined);
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
    void devices.list().then(({ microphones, speakers }) => {
      const lost = (chosen: string | null, present: readonly Device[]): boolean =>
        chosen !== null && present.length > 0 && !present.some((device) => device.id === chosen);
      // The choice is kept for when it is plugged in again; until then the system's own device serves.
      if (lost(microphone, microphones)) microphone = null;
      if (lost(speaker, speakers)) speaker = null;
      devices.onchange?.();
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
