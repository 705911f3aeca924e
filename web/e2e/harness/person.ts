// One person: a browser context of their own, a voice, ears, and a page that keeps its promises.

import { type Browser, type BrowserContext, type BrowserContextOptions, expect, type Page } from "@playwright/test";
import { installEars } from "./ears.ts";
import { ask, type Listener } from "./hearing.ts";
import { SILENCE_DB, type Tone, TONE_DB, TONES } from "./tones.ts";
import { installVoice } from "./voice.ts";

export interface Person extends Listener {
  readonly tone: Tone;
  readonly context: BrowserContext;
  readonly page: Page;
}

/** Where the voice comes from: a page's own fake, or the browser's capture device. */
export type Microphone = "tone" | "device";

/** Enters no page yet. `origin` is the only place that the page may ever ask anything. */
export async function createPerson(
  browser: Browser,
  origin: string,
  name: string,
  tone: Tone,
  microphone: Microphone = "tone",
  options: BrowserContextOptions = {},
): Promise<Person> {
  const context = await browser.newContext({ baseURL: origin, ...options });
  await context.grantPermissions(["microphone"], { origin });
  await context.addInitScript(installEars, { tones: TONES, toneDb: TONE_DB, silenceDb: SILENCE_DB });
  if (microphone === "tone") await context.addInitScript(installVoice, tone);
  const page = await context.newPage();
  guard(context, page, origin);
  return {
    name,
    tone,
    context,
    page,
    run: (script, argument) => page.evaluate(script as (argument: unknown) => never, argument),
  };
}

const broken = new WeakMap<BrowserContext, string[]>();

/** Writes down what a page must not do, for `expectKeptPromises`. */
function guard(context: BrowserContext, page: Page, origin: string): void {
  const told: string[] = [];
  broken.set(context, told);
  const socketOrigin = origin.replace(/^http/, "ws");
  const isOurs = (url: string): boolean =>
    url.startsWith(`${origin}/`) || url.startsWith(`${socketOrigin}/`) || /^(?:blob:|data:|about:)/.test(url);
  context.on("request", (request) => {
    if (!isOurs(request.url())) told.push(`asked ${request.url()}`);
  });
  context.on("weberror", (error) => told.push(`threw ${error.error().stack ?? error.error().message}`));
  page.on("websocket", (socket) => {
    if (!isOurs(socket.url())) told.push(`opened ${socket.url()}`);
  });
}

/** No request left the origin, nothing was thrown and not caught, the content security policy was not violated. */
export async function expectKeptPromises(person: Person): Promise<void> {
  const told = broken.get(person.context) ?? [];
  if (!person.page.isClosed() && person.page.url() !== "about:blank") {
    told.push(...(await ask(person, () => window.ears.violations, undefined)));
  }
  expect(told, `${person.name}'s page`).toEqual([]);
}

/** The microphone falls silent, or speaks again; it stays open. */
export async function hush(person: Person): Promise<void> {
  await ask(person, () => window.voice.hush(), undefined);
}

export async function speak(person: Person): Promise<void> {
  await ask(person, () => window.voice.speak(), undefined);
}

/** What the person says when the browser asks for the microphone; yes unless told otherwise. */
export async function answerBrowser(person: Person, answer: "yes" | "no"): Promise<void> {
  await ask(person, (word) => window.voice.answer(word), answer);
}

/** How often the browser of this page has asked for the microphone. */
export async function timesAsked(person: Person): Promise<number> {
  return ask(person, () => window.voice.asked(), undefined);
}

export async function takeMicrophoneAway(person: Person): Promise<void> {
  await ask(person, () => window.voice.takeAway(), undefined);
}

/** The page sends its tone whatever the server and its own program say; the number of lines that carry it. */
export async function lie(person: Person): Promise<number> {
  return ask(person, () => window.voice.lie(window.ears.senders()), undefined);
}
