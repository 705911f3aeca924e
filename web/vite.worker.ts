import { resolve } from "node:path";
import { build, type Plugin } from "vite";

/**
 * Builds the service worker into the root of the client, as one classic script under a name that stays: what a page registers
 * reaches as far as its folder, and browsers look there for the next one.
 */
export function worker(): Plugin {
  let folder = "";
  let failed = false;
  return {
    name: "vivavoce-worker",
    apply: "build",
    configResolved(config) {
      folder = resolve(config.root, config.build.outDir);
    },
    buildEnd(error) {
      failed = error !== undefined;
    },
    closeBundle: {
      sequential: true,
      order: "pre",
      async handler() {
        if (failed) return;
        await build({
          configFile: false,
          logLevel: "warn",
          publicDir: false,
          build: {
            outDir: folder,
            emptyOutDir: false,
            target: "es2023",
            lib: { entry: resolve(import.meta.dirname, "src/worker/worker.ts"), formats: ["iife"], name: "worker", fileName: () => "worker.js" },
          },
        });
      },
    },
  };
}
