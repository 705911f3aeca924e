// A server that packs by size: from two listeners in the audience on, two 20 ms share a packet. Whoever is the second
// switches it on for the first by coming in, and off by leaving.

import { expect } from "@playwright/test";
import { expectHears, invented, type Listener, waited, watch } from "./hearing.ts";
import type { Played } from "./ears.ts";
import type { Tone } from "./tones.ts";
import { until } from "./until.ts";

export const PACKS_FOR_TWO = ["--pack-two-from", "2", "--pack-under-load=false"] as const;

/** The second listener. Without a page: while one is opened or pressed, others are late whatever shares a packet. */
export interface Crowd {
  comes(): Promise<unknown>;
  goes(): Promise<unknown>;
}

/** The wait for a second frame grows for two seconds; then it shows in what comes in a second. */
const SWITCHED_MS = 15_000;
const STRETCH_MS = 3_000;

/**
 * What a busy machine makes pages invent and wait for, it does now and then; what packing does, it does every time. So of
 * what was invented the median counts, and of the delays the shortest.
 */
const TIMES = 3;

/** Of what is played while packing goes on or off, five seconds: less than a frame. */
const INVENTED_MAX = 0.003;

/** Two frames instead of one are 20 ms; the rest is what a busy machine moves a jitter buffer by. */
const DELAY_MS = 20 + 40;

/** Share that had to be invented, and milliseconds in the jitter buffer. */
interface Heard {
  readonly invented: number;
  readonly waited: number;
}

/** Somebody talks for all of it; the listener is alone in the audience, has company, and is alone again. */
export async function expectNoHarmFromPacking(listener: Listener, voice: Tone, crowd: Crowd): Promise<void> {
  await expectHears(listener, [voice]);
  const stretches = { alone: [], "going on": [], packed: [], "going off": [], after: [] } as Record<string, Heard[]>;
  const note = (what: string, played: Played[]): void => {
    stretches[what]?.push({ invented: invented(played), waited: waited(played) });
  };
  for (let time = 0; time < TIMES; time += 1) {
    note("alone", await watch(listener, STRETCH_MS));
    const growing = watchUntil(listener, 25);
    await crowd.comes();
    note("going on", await growing);
    note("packed", await watch(listener, STRETCH_MS));
    await expectHears(listener, [voice]);
    const shrinking = watchUntil(listener, 50);
    await crowd.goes();
    note("going off", await shrinking);
    note("after", await watch(listener, STRETCH_MS));
    await expectHears(listener, [voice]);
  }
  const of = (what: string, figure: keyof Heard): number => {
    const figures = (stretches[what] ?? []).map((heard) => heard[figure]).sort((a, b) => a - b);
    return figures[figure === "invented" ? Math.floor(TIMES / 2) : 0] ?? Number.NaN;
  };
  const words = Object.keys(stretches).map((what) => {
    return `${what} ${(100 * of(what, "invented")).toFixed(2)} %, ${of(what, "waited").toFixed(0)} ms`;
  });
  console.log(`measured: ${listener.name}, packing, invented and in the jitter buffer: ${words.join("; ")}`);
  for (const what of Object.keys(stretches)) expect(of(what, "invented"), what).toBeLessThan(INVENTED_MAX);
  expect(of("packed", "waited"), "nothing piles up").toBeLessThan(of("alone", "waited") + DELAY_MS);
  expect(of("after", "waited"), "nothing stays behind").toBeLessThan(of("alone", "waited") + DELAY_MS);
}

/** What is played until about so many packets a second come. */
async function watchUntil(listener: Listener, perSecond: number): Promise<Played[]> {
  const all: Played[] = [];
  await until(`${perSecond} packets a second`, SWITCHED_MS, async () => {
    const now = await watch(listener, 1_000);
    all.push(...now);
    return Math.abs(packetsPerSecond(now) - perSecond) < 5 || undefined;
  });
  return all;
}

export function packetsPerSecond(played: readonly Played[]): number {
  const [first, last] = [played[0], played.at(-1)];
  if (first === undefined || last === undefined || last.at === first.at) throw new Error("nothing was played");
  return (1_000 * (last.packets - first.packets)) / (last.at - first.at);
}
