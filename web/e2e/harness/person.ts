// One person: a browser context of their own, a voice, ears, and a page that keeps its promises.

import type { Browser, BrowserContext, BrowserContextOptions, Page } from "@playwright/test";
import { EARS, installEars, TELL } from "./ears.ts";
import { ask } from "./hearing.ts";
import { installOffers, OFFERS } from "./offers.ts";
import { Promises, type Watched } from "./promises.ts";
import type { Tone } from "./tones.ts";
import { installVoice } from "./voice.ts";

export interface Person extends Watched {
  readonly tone: Tone;
  readonly context: BrowserContext;
  readonly page: Page;
}

/** Where the voice comes from: a page's own fake, the browser's capture device, or nowhere on an insecure origin. */
export type Microphone = "tone" | "device" | "none";

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
  if (microphone !== "none") await context.grantPermissions(["microphone"], { origin });
  const promises = await watch(context, origin);
  await context.addInitScript(installEars, EARS);
  await context.addInitScript(installOffers, OFFERS);
  if (microphone === "tone") await context.addInitScript(installVoice, tone);
  const page = await context.newPage();
  return {
    name,
    tone,
    context,
    page,
    promises,
    run: (script, argument) => page.evaluate(script as (argument: unknown) => never, argument),
  };
}

/** Before the first page. */
async function watch(context: BrowserContext, origin: string): Promise<Promises> {
  const promises = new Promises(origin);
  context.on("request", (request) => promises.asked(request.url()));
  context.on("page", (page) => page.on("websocket", (socket) => promises.asked(socket.url())));
  context.on("weberror", (error) => promises.threw(error.error()));
  await context.exposeBinding(TELL, (_, what: string) => promises.violated(what));
  return promises;
}

/** The microphone falls silent, or speaks again; it stays open. */
export async function hush(person: Person): Promise<void> {
  await ask(person, () => window.voice.hush(), undefined);
}

export async function speak(person: Person): Promise<void> {
  await ask(person, () => window.voice.speak(), undefined);
}

/** What the person says when the browser asks for the microphone; yes unless told otherwise. */
export async function answerBrowser(person: Person, answer: "yes" | "no" | "later"): Promise<void> {
  await ask(person, (word) => window.voice.answer(word), answer);
}

/** How often the browser of this page has asked for the microphone. */
export async function timesAsked(person: Person): Promise<number> {
  return ask(person, () => window.voice.asked(), undefined);
}

/** Microphones that the page holds open. */
export async function openMicrophones(person: Person): Promise<number> {
  return ask(person, () => window.voice.openNow(), undefined);
}

export async function takeMicrophoneAway(person: Person): Promise<void> {
  await ask(person, () => window.voice.takeAway(), undefined);
}

/**
 * The page sends its tone whatever the server and its own program say, or another tone, by which it is known apart; the
 * number of lines that carry it.
 */
export async function lie(person: Person, tone = person.tone): Promise<number> {
  return ask(person, (hertz) => window.voice.lie(window.ears.senders(), hertz), tone);
}
