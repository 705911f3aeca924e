// One Firefox, driven over WebDriver BiDi by Puppeteer, with a sound server of its own: without one its audio contexts
// never start.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import puppeteer, { type Browser, type Page } from "puppeteer-core";
import { firefoxPath, firefoxPreferences, pulseaudioPath } from "./browsers.ts";
import { EARS, installEars, TELL } from "./ears.ts";
import { installOffers, OFFERS } from "./offers.ts";
import { Promises, type Watched } from "./promises.ts";
import type { Tone } from "./tones.ts";
import { until } from "./until.ts";

/** From start to a socket: both are small programs. */
const START_MS = 20_000;

/** Until something is there to be pressed: the server has answered, the screen is drawn. */
const PRESS_MS = 15_000;

export class Firefox implements Watched {
  readonly #sound: ChildProcess;
  readonly #folder: string;
  readonly #browser: Browser;
  #promises: Promises;

  private constructor(
    readonly name: string,
    readonly tone: Tone,
    readonly page: Page,
    origin: string,
    sound: ChildProcess,
    folder: string,
    browser: Browser,
  ) {
    this.#sound = sound;
    this.#folder = folder;
    this.#browser = browser;
    this.#promises = new Promises(origin);
  }

  /** `tone` is what its fake microphone plays; `origin` is the only place that its page may ever ask anything. */
  static async start(name: string, tone: Tone, origin: string): Promise<Firefox> {
    const folder = await mkdtemp(join(tmpdir(), "vivavoce-firefox-"));
    const sound = await startSound(folder);
    const browser = await puppeteer.launch({
      browser: "firefox",
      executablePath: firefoxPath(),
      headless: true,
      timeout: 60_000,
      protocolTimeout: 60_000,
      env: { ...process.env, PULSE_SERVER: `unix:${folder}/sound.socket`, HOME: folder },
      extraPrefsFirefox: firefoxPreferences(tone),
    });
    const page = await browser.newPage();
    const fox = new Firefox(name, tone, page, origin, sound, folder, browser);
    page.on("request", (request) => fox.promises.asked(request.url()));
    page.on("pageerror", (error) => fox.promises.threw(error));
    await page.exposeFunction(TELL, (what: string) => fox.promises.violated(what));
    await page.evaluateOnNewDocument(installEars, EARS);
    await page.evaluateOnNewDocument(installOffers, OFFERS);
    return fox;
  }

  get promises(): Promises {
    return this.#promises;
  }

  /** From now on these promises count, at this origin. */
  holdTo(origin: string): Promises {
    this.#promises = new Promises(origin);
    return this.#promises;
  }

  run<Result, Argument>(script: (argument: Argument) => Result | Promise<Result>, argument: Argument): Promise<Result> {
    return this.page.evaluate(script as (argument: unknown) => Result, argument) as Promise<Result>;
  }

  /**
   * Presses what has this role and exactly this name, once it is there. Puppeteer's own look for names asks Firefox for
   * everything that a screen reader may want to know, and the page stands still for seconds meanwhile.
   */
  async press(name: string, role: "button" | "link" = "button"): Promise<void> {
    const find = new Function(`return (${named})(${JSON.stringify(name)}, ${JSON.stringify(role)})`) as () => Element;
    await this.page.locator(find).setTimeout(PRESS_MS).click();
  }

  async close(): Promise<void> {
    await this.#browser.close();
    if (this.#sound.exitCode === null) {
      const exit = once(this.#sound, "exit");
      this.#sound.kill("SIGTERM");
      await exit;
    }
    await rm(this.#folder, { recursive: true, force: true });
  }
}

/** Sent into the page as text. Under an open sheet nothing can be pressed. */
function named(name: string, role: "button" | "link"): Element | undefined {
  const nameOf = (element: Element): string => {
    const spoken = element.cloneNode(true) as Element;
    for (const part of spoken.querySelectorAll("[aria-hidden=true]")) part.remove();
    return (element.getAttribute("aria-label") ?? spoken.textContent ?? "").trim();
  };
  const where = document.querySelector("dialog:modal") ?? document;
  return [...where.querySelectorAll(role === "button" ? "button" : "a[href]")].find((element) => nameOf(element) === name);
}

/** A sound server whose loudspeaker goes nowhere. */
async function startSound(folder: string): Promise<ChildProcess> {
  const socket = join(folder, "sound.socket");
  const sound = spawn(
    pulseaudioPath(),
    [
      "-n",
      "--daemonize=no",
      "--use-pid-file=no",
      "--exit-idle-time=-1",
      "--disable-shm=yes",
      `--load=module-native-protocol-unix socket=${socket} auth-anonymous=1`,
      "--load=module-null-sink",
    ],
    { stdio: "ignore", env: { ...process.env, HOME: folder, XDG_RUNTIME_DIR: folder } },
  );
  await until("the sound server listens", START_MS, async () => {
    if (sound.exitCode !== null) throw new Error(`pulseaudio ended with ${sound.exitCode}`);
    return existsSync(socket) || undefined;
  });
  return sound;
}
