import { beforeEach, expect, test, vi } from "vitest";
import { Playout, turnsDown } from "./playout";

/** As on iOS: whatever it is told, it stays at 1. */
class FixedElement {
  static made: FixedElement[] = [];
  autoplay = false;
  paused = false;
  muted = false;
  srcObject: unknown = null;
  onplaying: (() => void) | null = null;
  constructor() {
    FixedElement.made.push(this);
  }
  get volume(): number {
    return 1;
  }
  set volume(_volume: number) {}
  play(): Promise<void> {
    return Promise.resolve();
  }
}
/** As elsewhere. */
class Element extends FixedElement {
  #volume = 1;
  override get volume(): number {
    return this.#volume;
  }
  override set volume(volume: number) {
    this.#volume = volume;
  }
}

class Node {
  readonly gain = { value: 1 };
  to: Node | null = null;
  connect(next: Node): Node {
    this.to = next;
    return next;
  }
  disconnect(): void {
    this.to = null;
  }
}
class Context {
  static made: Context[] = [];
  static state = "running";
  readonly gains: Node[] = [];
  readonly destination = new Node();
  onstatechange: (() => void) | null = null;
  constructor() {
    Context.made.push(this);
  }
  get state(): string {
    return Context.state;
  }
  resume(): Promise<void> {
    return Promise.resolve();
  }
  createMediaStreamSource(): Node {
    return new Node();
  }
  createGain(): Node {
    const gain = new Node();
    this.gains.push(gain);
    return gain;
  }
}

const tracks = [{}, {}, {}] as MediaStreamTrack[];
/** What was begun by now is done; the faders are fetched once. */
const done = (): Promise<unknown> => import("./faders").then(() => new Promise((turn) => setTimeout(turn)));

beforeEach(() => {
  FixedElement.made = [];
  Context.made = [];
  Context.state = "running";
  vi.stubGlobal("AudioContext", Context);
  vi.stubGlobal("MediaStream", class {});
});
function ears(element: typeof FixedElement): { playout: Playout; first: FixedElement } {
  vi.stubGlobal("Audio", element);
  const playout = new Playout(null, () => undefined);
  playout.play(tracks);
  const [first] = element.made;
  if (first === undefined) throw new Error("no element");
  return { playout, first };
}

test("whoever is turned down is turned down, and off is off", async () => {
  const { playout, first } = ears(Element);
  playout.setVolume(0, 0.25);
  expect([first.volume, first.muted]).toEqual([0.25, false]);
  playout.setVolume(0, 0);
  expect([first.volume, first.muted]).toEqual([0, true]);
  playout.setVolume(0, 1);
  expect([first.volume, first.muted]).toEqual([1, false]);
  await done();
  expect(Context.made).toEqual([]);
});

test("where elements cannot be turned down, off is off too", () => {
  const { playout, first } = ears(FixedElement);
  expect([turnsDown(new Element()), turnsDown(new FixedElement())]).toEqual([true, false]);
  playout.setVolume(0, 0);
  expect(first.muted).toBe(true);
  playout.setVolume(0, 1);
  expect(first.muted).toBe(false);
  expect(Context.made).toEqual([]);
});

test("where elements cannot be turned down, people are, one way or the other and never both", async () => {
  const { playout, first } = ears(FixedElement);
  playout.setVolume(0, 0.25);
  await done();
  const [context] = Context.made;
  expect([first.muted, context?.gains[0]?.gain.value, context?.gains[0]?.to]).toEqual([true, 0.25, context?.destination]);
  // Another voice in the same slot, by another connection.
  playout.play(tracks);
  await done();
  expect([first.muted, context?.gains[0]?.to, context?.gains[1]?.gain.value]).toEqual([true, null, 0.25]);
  // A phone call stops the context: rather too loud than not at all.
  Context.state = "interrupted";
  context?.onstatechange?.();
  expect(first.muted).toBe(false);
  Context.state = "running";
  context?.onstatechange?.();
  expect(first.muted).toBe(true);
  playout.setVolume(0, 1);
  await done();
  expect([first.muted, context?.gains[1]?.to]).toEqual([false, null]);
  playout.setVolume(0, 0.5);
  playout.stop();
  await done();
  expect(context?.gains.every(({ to }) => to === null)).toBe(true);
});
