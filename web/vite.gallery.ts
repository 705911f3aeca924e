// The gallery by itself, for the test that walks through it: every screen and state, without a server.

import { resolve } from "node:path";
import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vite";

export default defineConfig({
  root: resolve(import.meta.dirname, "src/ui/gallery"),
  plugins: [svelte({ configFile: resolve(import.meta.dirname, "svelte.config.js") })],
  build: { emptyOutDir: true, target: "es2023", assetsInlineLimit: 0, modulePreload: { polyfill: false } },
});
