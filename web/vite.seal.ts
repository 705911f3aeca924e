import { createHash } from "node:crypto";
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import type { Plugin } from "vite";

/** Stands in `<meta name="bundle">` until the whole bundle, and with it its id, is known. */
const PLACEHOLDER = "bundle-id-of-this-build";

/** Below this many bytes the headers of a reply outweigh what compression saves. */
const COMPRESS_FROM_BYTES = 512;

const COMPRESSED_ALREADY = /\.(?:woff2|png|jpe?g|webp|avif|mp3|opus)$/;

/**
 * Finishes a build: names the bundle (the id stands in `index.html` and in `bundle.txt`, so that page and
 * server can tell whether they belong together) and writes `.br` and `.gz` beside every file worth it.
 * It works on the written folder because files from `public/` never pass through the bundle.
 */
export function seal(): Plugin {
  let folder = "";
  let failed = false;
  return {
    name: "vivavoce-seal",
    apply: "build",
    configResolved(config) {
      folder = resolve(config.root, config.build.outDir);
    },
    transformIndexHtml() {
      return [{ tag: "meta", attrs: { name: "bundle", content: PLACEHOLDER }, injectTo: "head" }];
    },
    buildEnd(error) {
      failed = error !== undefined;
    },
    closeBundle() {
      if (failed) return;
      const files = filesIn(folder);
      const id = bundleId(files);
      const index = join(folder, "index.html");
      writeFileSync(index, readFileSync(index, "utf8").replaceAll(PLACEHOLDER, id));
      for (const name of files) compress(join(folder, name));
      writeFileSync(join(folder, "bundle.txt"), id);
    },
  };

  function bundleId(files: string[]): string {
    const hash = createHash("sha256");
    for (const name of files) hash.update(name).update("\0").update(readFileSync(join(folder, name)));
    return hash.digest("hex").slice(0, 16);
  }
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}

function compress(path: string): void {
  const bytes = readFileSync(path);
  if (bytes.length < COMPRESS_FROM_BYTES || COMPRESSED_ALREADY.test(path)) return;
  const quality = { params: { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY } };
  writeFileSync(`${path}.br`, brotliCompressSync(bytes, quality));
  writeFileSync(`${path}.gz`, gzipSync(bytes, { level: constants.Z_BEST_COMPRESSION }));
}
