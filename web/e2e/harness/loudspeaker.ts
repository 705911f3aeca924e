// What a page plays by itself, its own sounds as against voices: measured where it goes to the loudspeaker.

import { ask, type Listener } from "./hearing.ts";
import type { Person } from "./person.ts";

interface Loudspeaker {
  /** The loudest frequency since it was last asked, in hertz; 0 is silence. */
  heard(): number;
}

declare global {
  interface Window {
    loudspeaker: Loudspeaker;
  }
}

/** Before the person's first page. */
export async function attendLoudspeaker(person: Person): Promise<void> {
  await person.context.addInitScript(install);
}

export function heardFromLoudspeaker(listener: Listener): Promise<number> {
  return ask(listener, () => window.loudspeaker.heard(), undefined);
}

function install(): void {
  const nodes: AnalyserNode[] = [];
  let loudest = { hertz: 0, db: -60 };
  const connect = AudioNode.prototype.connect as (this: AudioNode, to: AudioNode | AudioParam, ...more: number[]) => AudioNode;
  (AudioNode.prototype as { connect: unknown }).connect = function (this: AudioNode, to: AudioNode | AudioParam, ...more: number[]) {
    if (to instanceof AudioDestinationNode) {
      const node = new AnalyserNode(this.context as AudioContext, { fftSize: 8192, smoothingTimeConstant: 0 });
      connect.call(this, node);
      nodes.push(node);
    }
    return connect.call(this, to, ...more);
  };
  setInterval(() => {
    for (const node of nodes) {
      const bins = new Float32Array(node.frequencyBinCount);
      node.getFloatFrequencyData(bins);
      const db = Math.max(...bins);
      if (db > loudest.db) loudest = { hertz: (bins.indexOf(db) * node.context.sampleRate) / node.fftSize, db };
    }
  }, 20);
  window.loudspeaker = {
    heard() {
      const { hertz } = loudest;
      loudest = { hertz: 0, db: -60 };
      return hertz;
    },
  };
}
