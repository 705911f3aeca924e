// The gallery of screens and states (web/src/ui/gallery), built and served for one test.

import { execFile } from "node:child_process";
import { createReadStream, existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server as HttpServer } from "node:http";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { extname, join, normalize, resolve } from "node:path";
import { promisify } from "node:util";
import type { Locator, Page } from "@playwright/test";
import { pseudo } from "../../src/texts/pseudo.ts";
import type { Step } from "../../src/ui/gallery/scene.ts";

declare global {
  interface Window {
    gallery: { readonly scenes: readonly string[]; show(scene: string): readonly Step[]; goOn(): Promise<void> };
  }
}

const WEB = resolve(import.meta.dirname, "../..");
const BUILD_MS = 60_000;
/** Nothing here waits for anybody. */
const PATIENCE = { timeout: 5_000 };
const TYPES: Readonly<Record<string, string>> = { ".html": "text/html; charset=utf-8", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml" };

export class Gallery {
  private constructor(
    readonly origin: string,
    readonly http: HttpServer,
    readonly folder: string,
  ) {}

  static async open(): Promise<Gallery> {
    const vite = join(WEB, "node_modules/vite/bin/vite.js");
    if (!existsSync(vite)) throw new Error("web/node_modules is missing: npm ci in web");
    const folder = await mkdtemp(join(tmpdir(), "vivavoce-gallery-"));
    const words = ["build", "--config", "vite.gallery.ts", "--outDir", folder, "--logLevel", "error"];
    await promisify(execFile)(process.execPath, [vite, ...words], { cwd: WEB, timeout: BUILD_MS });
    const http = createServer((request, response) => {
      const { pathname } = new URL(request.url ?? "/", "http://localhost");
      const file = join(folder, normalize(pathname === "/" ? "/index.html" : pathname));
      if (!existsSync(file)) return void response.writeHead(404).end();
      response.setHeader("content-type", TYPES[extname(file)] ?? "application/octet-stream");
      response.setHeader("cache-control", pathname === "/" ? "no-cache" : "max-age=600");
      createReadStream(file).pipe(response);
    });
    http.listen(0, "127.0.0.1");
    await once(http, "listening");
    const address = http.address();
    if (address === null || typeof address === "string") throw new Error("no port");
    return new Gallery(`http://localhost:${address.port}`, http, folder);
  }

  async close(): Promise<void> {
    this.http.closeAllConnections();
    this.http.close();
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** English, or the language that nobody speaks, whose texts are English ones marked and stretched. */
export type Direction = "ltr" | "rtl";

/** One that people read. */
export type Spoken = "ru" | "ar";

/** Opens the gallery; the names of all scenes. */
export async function enter(page: Page, reading: Direction | Spoken = "ltr"): Promise<readonly string[]> {
  await page.goto({ ltr: "/?still", rtl: "/?still&rtl", ru: "/?still&lang=ru", ar: "/?still&lang=ar" }[reading]);
  // A language may come after everything else has.
  await page.waitForFunction(() => "gallery" in window);
  return page.evaluate(() => window.gallery.scenes);
}

/** Puts a scene on the page, with everything done and happened that belongs to it. */
export async function show(page: Page, scene: string): Promise<void> {
  for (const step of await page.evaluate((name) => window.gallery.show(name), scene)) {
    if ("key" in step) await page.keyboard.press(step.key);
    else if ("scroll" in step) await page.evaluate(() => scrollTo({ top: document.body.scrollHeight }));
    else if ("write" in step) await page.getByLabel(called(step.into, "whole")).filter({ visible: true }).first().fill(step.write, PATIENCE);
    else await pressable(page, step.press).filter({ visible: true }).first().click(PATIENCE);
  }
  await page.evaluate(() => window.gallery.goOn());
}

function pressable(page: Page, name: string): Locator {
  const begins = called(name, "begins");
  return page.getByRole("button", { name: begins }).or(page.getByRole("radio", { name: begins }));
}

/** What is called so in either language. */
export function called(name: string, how: "begins" | "whole"): RegExp {
  const strange = pseudo(name).replace(/~*\]$/, "");
  const end = how === "whole" ? { plain: "\\s*$", strange: "~*\\]\\s*$" } : { plain: "", strange: "" };
  return new RegExp(`^\\s*(?:${literally(name)}${end.plain}|${literally(strange)}${end.strange})`);
}

function literally(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
