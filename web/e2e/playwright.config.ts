import { defineConfig } from "@playwright/test";
import { CHROMIUM_ARGS, chromiumPath } from "./harness/browsers.ts";

/**
 * What is looked at and asked, or waits for long, and measures no moment of sound: one at a time leaves a core idle, and none
 * of them minds a neighbour. A spec that is not named here has the machine to itself.
 */
const PAGES = [
  "abuse",
  "accounts-first-run",
  "accounts-ways-in",
  "companion",
  "first-load",
  "gallery",
  "guard",
  "hiding",
  "https",
  "in-room",
  "keyboard",
  "keyboard-door",
  "keyboard-room",
  "keyboard-round",
  "microphone",
  "newer-server",
  "people",
  "people-safety",
  "push",
  "rooms-authority",
  "sandbox",
  "screens-door",
  "screens-rtl",
  "screens-room",
  "settings",
  "tab-restored",
].map((name) => `${name}.spec.ts`);

const report = process.env["VIVAVOCE_E2E_REPORT"];

export default defineConfig({
  // Who hears whom is measured in real time, on two cores: one conversation at a time. `pages` is run with two.
  workers: 1,
  retries: 0,
  forbidOnly: true,
  timeout: 90_000,
  expect: { timeout: 10_000 },
  reporter: report === undefined ? [["list"]] : [["list"], ["json", { outputFile: report }]],
  // How screens are read out (specs/gallery.spec.ts): the same on every machine, so not one for each.
  snapshotPathTemplate: "{testDir}/../read-out/{arg}{ext}",
  use: {
    // Its recorder is a download of its own.
    video: "off",
    // Six pages drawn into a film take more of two cores than the six conversations.
    trace: { mode: "retain-on-failure", screenshots: false, snapshots: true },
    screenshot: "only-on-failure",
    launchOptions: { executablePath: chromiumPath(), args: CHROMIUM_ARGS },
  },
  // A folder of pictures each: one that begins empties its own.
  projects: [
    { name: "pages", testDir: "specs", testMatch: PAGES, fullyParallel: true, outputDir: "results/pages" },
    { name: "chromium", testDir: "specs", testIgnore: PAGES, outputDir: "results/chromium" },
    // Sound takes the whole way from the capture device; one browser for each voice.
    { name: "capture", testDir: "capture", outputDir: "results/capture" },
    { name: "firefox", testDir: "firefox", outputDir: "results/firefox" },
  ],
});
