// The gallery: every screen and state by address, for looking. `?scene=room&dark&rtl&still`. Not part of the product:
// only the development server knows this page.

import { mount } from "svelte";
import { Announcer } from "../../app/announcer.svelte";
import { Controls } from "../../app/controls.svelte";
import { Entry } from "../../app/entry.svelte";
import { Live } from "../../app/live.svelte";
import { Navigation } from "../../app/navigation.svelte";
import type { Place } from "../../app/place";
import { Preferences } from "../../app/preferences.svelte";
import type { Devices } from "../../session/contract";
import { speak } from "../../texts";
import { en } from "../../texts/en";
import { PSEUDO, pseudo } from "../../texts/pseudo";
import App from "../App.svelte";
import { Sounds } from "../sounds";
import { fakeApi } from "./api";
import { SCENES } from "./scenes";
import { FakeSession } from "./session";
import "../styles/tokens.css";
import "../styles/base.css";
import "../styles/components.css";

const query = new URLSearchParams(location.search);
const scene = SCENES[query.get("scene") ?? "hallway"] ?? SCENES["hallway"];
if (!scene) throw new Error("no such scene");

if (query.has("rtl")) speak(pseudo(en), PSEUDO, document.documentElement);
if (query.has("still")) {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync("*, ::before, ::after { transition: none !important; animation: none !important; caret-color: transparent !important; }");
  document.adoptedStyleSheets = [sheet];
}

let url = scene.at;
const place: Place = {
  path: () => url.split("#")[0] ?? "/",
  hash: () => (url.includes("#") ? `#${url.split("#")[1] ?? ""}` : ""),
  push: (next) => (url = next),
  replace: (next) => (url = next),
  back: () => {},
  load: (next) => (url = next),
  onMoved: () => {},
};
const devices: Devices = {
  list: () => Promise.resolve({ microphones: [{ id: "a", label: "Built-in microphone" }], speakers: [{ id: "b", label: "Headphones" }] }),
  microphone: null,
  speaker: null,
  canChooseSpeaker: true,
  chooseMicrophone: () => Promise.resolve(),
  chooseSpeaker: () => Promise.resolve(),
  testMicrophone: (onLevel) => {
    onLevel(0.6);
    return Promise.resolve({ ok: true, stop: () => {} });
  },
  testSpeaker: () => Promise.resolve(),
};

const session = new FakeSession(scene.state(), query.has("still"), () => SCENES["room-muted"]?.state().room as never);
const preferences = new Preferences(null);
preferences.change({ theme: query.has("dark") ? "dark" : query.has("light") ? "light" : "system" });
const live = new Live(session);
const nav = new Navigation(place);
const api = fakeApi(scene);
const entry = new Entry(api, session);

const target = document.getElementById("app");
if (!target) throw new Error("index.html has no #app");
mount(App, {
  target,
  props: {
    home: { session, devices, api, live, entry, nav, controls: new Controls(session, live, nav), announcer: new Announcer(), preferences, sounds: new Sounds(() => false) },
  },
});
void entry.knock();
Object.assign(window, { scene });
