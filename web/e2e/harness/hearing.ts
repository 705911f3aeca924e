// Assertions about sound. A page of Playwright and one of Puppeteer can both be listened to.

import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "@playwright/test";
import type { Connection, Hearing, Played, SoundLog } from "./ears.ts";
import { SILENCE_DB, type Tone } from "./tones.ts";
import { until } from "./until.ts";

/** What both drivers of browsers offer. */
export interface Listener {
  readonly name: string;
  run<Result, Argument>(script: (argument: Argument) => Result | Promise<Result>, argument: Argument): Promise<Result>;
}

/** Browsers count what they play at 48 kHz, as Opus does. */
export const SAMPLES_PER_MS = 48;

/** A page that does not answer within this has hung, and would hold up everybody. */
const ANSWER_MS = 10_000;

export async function ask<Result, Argument>(
  listener: Listener,
  script: (argument: Argument) => Result | Promise<Result>,
  argument: Argument,
): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${listener.name}'s page does not answer`)), ANSWER_MS);
  });
  return Promise.race([listener.run(script, argument), late]).finally(() => clearTimeout(timer));
}

/** Firefox takes up to a second to open its sound server. */
const WAKE_MS = 3_000;

/** What an ended track gives, and a track of zeros. */
const DIGITAL_SILENCE_DB = -200;

/**
 * Who hears nothing for longer has a gap, on any machine: a page that has no processor for a moment plays late, up to 90 ms on
 * two cores that compile beside it. That no packet is missing is counted (`count.ts`).
 */
export const NO_GAP_MS = 200;

/** For so long the same tones must be heard before it is believed. */
const STEADY_MS = 400;

/**
 * Waits until exactly these tones come out of the loudspeaker, steadily: none is missing, no other is there, and each
 * is played by an element of the page.
 */
export async function expectHears(listener: Listener, tones: Iterable<Tone>, withinMs = 10_000): Promise<void> {
  const wanted = [...tones].sort((a, b) => a - b);
  if (wanted.length === 0) throw new Error("hearing nobody is expectSilence");
  await expect
    .poll(async () => steady(await listen(listener, STEADY_MS)), {
      timeout: withinMs,
      message: `${listener.name} hears ${wanted.join(", ")} Hz`,
    })
    .toEqual(wanted);
}

/**
 * Waits until nothing at all is received for so long, played or not. The page must have a track to listen to and awake
 * ears: silence is never concluded from a page that could not have heard. For somebody without a connection there is
 * `expectNoConnection`.
 */
export async function expectSilence(listener: Listener, forMs = 1_000, withinMs = 3_000): Promise<void> {
  await expect
    .poll(async () => loudest(await listen(listener, forMs)), {
      timeout: forMs + withinMs,
      message: `${listener.name} hears nothing for ${forMs} ms`,
    })
    .toBeLessThan(SILENCE_DB);
}

/** Waits until every connection that the page ever had is closed, so that nothing can be heard. */
export async function expectNoConnection(listener: Listener, withinMs = 3_000): Promise<void> {
  const open = async (): Promise<Connection[]> =>
    (await connections(listener)).filter(({ state }) => state !== "closed" && state !== "failed");
  await expect.poll(open, { timeout: withinMs, message: `${listener.name} has no connection` }).toEqual([]);
}

export async function connections(listener: Listener): Promise<Connection[]> {
  return ask(listener, () => window.ears.connections(), undefined);
}

/** Begins to measure gaps and first sounds anew. */
export async function mark(listener: Listener): Promise<void> {
  await ask(listener, () => window.ears.mark(), undefined);
}

/** First and last sound and the longest gap since `mark`. */
export async function soundLog(listener: Listener): Promise<SoundLog> {
  return ask(listener, () => window.ears.log(), undefined);
}

/** What was played of the one voice in the room until now. */
export async function played(listener: Listener): Promise<Played> {
  return ask(listener, () => window.ears.played(), undefined);
}

/** The same when so much more of it has been played than `from`: by the browser's own count, which no busy page delays. */
export async function playedOn(listener: Listener, from: Played, ms: number): Promise<Played> {
  for (;;) {
    const now = await played(listener);
    const missing = ms - (now.samples - from.samples) / SAMPLES_PER_MS;
    if (missing <= 0) return now;
    await sleep(missing);
  }
}

/** What was played of the one voice in the room, from now on every 50 ms. */
export async function watch(listener: Listener, ms: number): Promise<Played[]> {
  const all: Played[] = [];
  for (const until = Date.now() + ms; Date.now() < until; ) {
    all.push(...(await ask(listener, (time) => window.ears.watch(time), Math.min(2_000, Math.max(50, until - Date.now())))));
  }
  return all;
}

/** Share of what was played from the first to the last that had to be invented. */
export function invented(played: readonly Played[]): number {
  const [first, last] = [played[0], played.at(-1)];
  if (first === undefined || last === undefined || last.samples === first.samples) throw new Error("nothing was played");
  return (last.concealed - first.concealed) / (last.samples - first.samples);
}

/** Milliseconds that a sample waited in the jitter buffer, on average from the first to the last. */
export function waited(played: readonly Played[]): number {
  const [first, last] = [played[0], played.at(-1)];
  if (first === undefined || last === undefined || last.emitted === first.emitted) throw new Error("nothing was played");
  return (1_000 * (last.waited - first.waited)) / (last.emitted - first.emitted);
}

async function listen(listener: Listener, ms: number): Promise<Hearing[]> {
  await awake(listener);
  return ask(listener, (time) => window.ears.listen(time), ms);
}

/** An audio context starts a moment after its first track; one that does not start measures nothing. */
async function awake(listener: Listener): Promise<void> {
  let why = "";
  const asleep = (): Error => new Error(`${listener.name} cannot be asked what is heard: the page ${why}`);
  await until("ears awake", WAKE_MS, async () => {
    const { awake, tracks } = await ask(listener, () => window.ears.hear(), undefined);
    why = tracks.length === 0 ? "receives no track" : "has a suspended audio context";
    return awake || undefined;
  }).catch((error: unknown) => {
    throw why === "" ? error : asleep();
  });
}

/** The tones of every moment, or a word on what was not steady. */
function steady(heard: Hearing[]): Array<number | string> {
  const moments = heard.map(({ tracks }) => {
    const sounding = tracks.flatMap(({ tones, played }) => tones.map((tone) => (played ? tone : `${tone} not played`)));
    return [...new Set(sounding)].sort((a, b) => Number(a) - Number(b));
  });
  const [first] = moments;
  if (first === undefined) return ["nothing measured"];
  return moments.every((moment) => moment.join() === first.join()) ? first : ["unsteady", ...new Set(moments.flat())];
}

function loudest(heard: Hearing[]): number {
  const levels = heard.flatMap(({ tracks, ended }) => [...(ended > 0 ? [DIGITAL_SILENCE_DB] : []), ...tracks.map(({ db }) => db)]);
  return levels.length === 0 ? Number.POSITIVE_INFINITY : Math.max(...levels);
}
