// What a listener hears of a lecture while the network loses, and after it was silent for a moment. All of it is counted by
// the browser, in what it has played; no clock of a page is asked.

import { expect } from "@playwright/test";
import type { Played } from "./ears.ts";
import { invented, type Listener, played, playedOn, SAMPLES_PER_MS, soundLog, waited } from "./hearing.ts";
import type { House } from "./house.ts";
import type { LossyNetwork } from "./lossy.ts";
import type { Person } from "./person.ts";
import { installSpeech } from "./speech.ts";
import { until } from "./until.ts";

/** Somebody who listens over a network of their own. */
export interface RemoteListener {
  readonly listener: Listener;
  readonly network: LossyNetwork;
}

/**
 * Until a listener has reported the loss and the speaker's encoder believes it. Reports come every five seconds, give or take
 * half of it, and one in ten is lost too: two in a row are one run in a hundred, and then it lasts ten seconds longer. Of five
 * spans the median does not mind two; of three it did.
 */
const SETTLED_MS = 5_000;

/** What a busy machine makes pages invent, it does now and then; what a network loses, it loses always: the median counts. */
const SPAN_MS = 5_000;
const SPANS = 5;

const HOLE_MS = 200;
const HOLES = 3;

/** So soon after a hole everything is as it was said, ... */
const CLEAN_MS = 100;
const LOOKED_AT_MS = 2_000;
/** ... and within five seconds the jitter buffer is as short as before. */
const BUFFER_MS = 80;
const BACK_S = 5;
/** Pages that were just opened are busy with themselves, and wait longer for what comes. */
const OPENED_S = 20;

/** Somebody says something like speech in a room of this title. */
export async function lecture(house: House, speaker: Person, title: string): Promise<void> {
  await speaker.context.addInitScript(installSpeech);
  const { hallway } = await house.welcome(speaker);
  const stage = await hallway.start({ title });
  await stage.setMicrophone("open");
}

/** One packet in ten is lost, both ways; `most` is the share that may be invented of what is played. */
export async function expectInventedAtMost({ listener, network }: RemoteListener, most: number): Promise<void> {
  const marks = [await played(listener)];
  network.becomes({ losing: 0.1 });
  for (const ms of [SETTLED_MS, ...Array<number>(SPANS).fill(SPAN_MS)]) {
    marks.push(await playedOn(listener, marks.at(-1) as Played, ms));
  }
  const [atFirst, ...spans] = marks.slice(1).map((mark, i) => invented([marks[i] as Played, mark]));
  const percent = (figure: number | undefined): string => `${(100 * (figure ?? Number.NaN)).toFixed(2)} %`;
  console.log(
    `measured: ${listener.name}, one in ten lost: ${percent(median(spans))} invented (${spans.map(percent).join(", ")}; ` +
      `${percent(atFirst)} in the first five seconds), ${waited(marks.slice(1)).toFixed(0)} ms in the jitter buffer`,
  );
  expect(median(spans), listener.name).toBeLessThan(most);
}

/** Nothing comes for 200 ms, three times. */
export async function expectCleanAfterHoles({ listener, network }: RemoteListener): Promise<void> {
  const quick = await untilQuick(listener, OPENED_S);
  const holes: Array<{ ms: number; buffer: number }> = [];
  for (let hole = 0; hole < HOLES; hole += 1) {
    const before = await played(listener);
    network.goesDark(HOLE_MS);
    const after = await playedOn(listener, before, HOLE_MS + LOOKED_AT_MS);
    // Whatever had to be invented since: the hole itself, and what was not clean after it.
    const ms = (after.concealed - before.concealed) / SAMPLES_PER_MS;
    holes.push({ ms, buffer: await untilQuick(listener, BACK_S - LOOKED_AT_MS / 1_000) });
  }
  const [ms, buffers] = [holes.map((hole) => hole.ms), holes.map((hole) => hole.buffer)];
  const [heard, typical, buffer] = [Math.max(...ms), median(ms), Math.min(...buffers)];
  console.log(
    `measured: ${listener.name}, a hole of ${HOLE_MS} ms: ${typical.toFixed(0)} ms invented; in the jitter buffer ` +
      `${quick.toFixed(0)} ms before, ${buffer.toFixed(0)} ms within five seconds after it ` +
      `(${holes.map((hole) => `${hole.ms.toFixed(0)}, ${hole.buffer.toFixed(0)}`).join("; ")})`,
  );
  // One that falls into a pause of the voice is not heard.
  expect(heard, `${listener.name} heard a hole`).toBeGreaterThan(HOLE_MS / 4);
  expect(typical, listener.name).toBeLessThan(HOLE_MS + CLEAN_MS);
  // What a hole does to the delay, it does every time; what a busy machine does, now and then: the shortest counts.
  expect(buffer, listener.name).toBeLessThan(BUFFER_MS);
}

/** Milliseconds in the jitter buffer in the first second of so many in which they are few, or else in the last. */
async function untilQuick(listener: Listener, seconds: number): Promise<number> {
  let from = await played(listener);
  for (let second = 1; ; second += 1) {
    const to = await playedOn(listener, from, 1_000);
    const buffer = waited([from, to]);
    if (buffer < BUFFER_MS || second >= seconds) return buffer;
    from = to;
  }
}

export async function expectHeard(listener: Listener): Promise<void> {
  await until("the voice is heard", 15_000, async () => (await soundLog(listener)).first ?? undefined);
}

function median(figures: readonly number[]): number {
  const sorted = [...figures].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
