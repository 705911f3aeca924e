// People whose voice takes the whole way from a capture device, each with a browser process of their own.

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Browser, chromium } from "@playwright/test";
import { captureArgs, chromiumPath } from "./browsers.ts";
import { createPerson, type Person } from "./person.ts";
import { expectKeptPromises } from "./promises.ts";
import type { Tone } from "./tones.ts";
import { toneWav } from "./wav.ts";

export class CapturedPerson {
  private constructor(
    readonly person: Person,
    readonly browser: Browser,
    readonly folder: string,
  ) {}

  static async start(origin: string, name: string, tone: Tone): Promise<CapturedPerson> {
    const folder = await mkdtemp(join(tmpdir(), "vivavoce-voice-"));
    const wav = join(folder, "voice.wav");
    await writeFile(wav, toneWav(tone));
    const browser = await chromium.launch({ executablePath: chromiumPath(), args: captureArgs(wav) });
    const person = await createPerson(browser, origin, name, tone, "device");
    return new CapturedPerson(person, browser, folder);
  }

  async close(): Promise<void> {
    try {
      await expectKeptPromises(this.person);
    } finally {
      await this.browser.close();
      await rm(this.folder, { recursive: true, force: true });
    }
  }
}
