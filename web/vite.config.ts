import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vite";
import { seal } from "./vite.seal.ts";
import { worker } from "./vite.worker.ts";

// `npm run dev` talks to a server started beside it; VIVAVOCE_SERVER names another one.
const server = process.env["VIVAVOCE_SERVER"] ?? "http://127.0.0.1:8080";

export default defineConfig({
  plugins: [svelte(), worker(), seal()],
  build: {
    // build.rs names a folder of its own; by hand the result lands in web/dist.
    outDir: process.env["VIVAVOCE_WEB_OUT"] ?? "dist",
    emptyOutDir: true,
    target: "es2023",
    // The content security policy has no `data:` for scripts or styles, so nothing is inlined.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // What the first screen needs is one file, whoever needs parts of it later: in a dozen pieces it is 4 kB more.
    rolldownOptions: { output: { codeSplitting: { groups: [{ name: "first", tags: ["$initial"] }] } } },
  },
  server: {
    proxy: {
      "/api": { target: server, ws: true },
      "/healthz": server,
    },
  },
});
