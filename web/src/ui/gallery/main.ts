// The gallery: every screen and state by address, for looking. `?scene=room&dark&rtl&still`. Not part of the product:
// only the development server knows this page, and the test that walks through it (web/e2e/specs/gallery.spec.ts).

import { mount, unmount } from "svelte";
import { Announcer } from "../../app/announcer.svelte";
import { Blocks } from "../../app/blocks.svelte";
import { Controls } from "../../app/controls.svelte";
import { Entry } from "../../app/entry.svelte";
import { Events } from "../../app/events.svelte";
import { Hidden } from "../../app/hidden.svelte";
import { Live } from "../../app/live.svelte";
import { Navigation } from "../../app/navigation.svelte";
import type { Place } from "../../app/place";
import { Preferences } from "../../app/preferences.svelte";
import type { Pushing } from "../../app/pushing";
import type { Devices } from "../../session/contract";
import { fitting, speak } from "../../texts";
import { strange } from "../../texts/pseudo";
import App from "../App.svelte";
import { arrived } from "../guest";
import { Guest } from "../guest/guest";
import { guests } from "../later";
import { Sounds } from "../sounds";
import { fakeApi } from "./api";
import { type Scene, type Step, talking } from "./scene";
import { SCENES } from "./scenes";
import { FakeSession } from "./session";
import "../styles/tokens.css";
import "../styles/base.css";
import "../styles/components.css";

const query = new URLSearchParams(location.search);
const secure = isSecureContext;
await guests();

const language = await fitting([query.get("lang") ?? "en"]);
await speak(query.has("rtl") ? strange(language) : language, document.documentElement);

function pushingOf({ pushable }: Scene): Pushing {
  return { possible: () => pushable ?? "yes", turnOn: () => Promise.resolve("on"), turnOff: () => Promise.resolve(true), forget: () => Promise.resolve(), speak: () => Promise.resolve(), zone: () => 120 };
}

function devicesOf({ microphone }: Scene): Devices {
  const microphones = microphone === "missing" ? [] : [{ id: "a", label: "Built-in microphone" }];
  return {
    list: () => Promise.resolve({ microphones, speakers: [{ id: "b", label: "Headphones" }] }),
    microphone: null,
    speaker: null,
    canChooseSpeaker: true,
    chooseMicrophone: () => Promise.resolve(),
    chooseSpeaker: () => Promise.resolve(),
    testMicrophone: (onLevel) => {
      if (microphone === undefined) onLevel(0.6);
      return Promise.resolve({ ok: microphone === undefined, stop: () => {} });
    },
    testSpeaker: () => Promise.resolve(),
  };
}

function placeAt(address: string): Place {
  let url = address;
  return {
    path: () => url.split("#")[0] ?? "/",
    hash: () => (url.includes("#") ? `#${url.split("#")[1] ?? ""}` : ""),
    push: (next) => (url = next),
    replace: (next) => (url = next),
    back: () => {},
    load: (next) => (url = next),
    onMoved: () => {},
  };
}

/** A scene on the screen. */
interface Shown {
  readonly scene: Scene;
  readonly session: FakeSession;
  end(): void;
}
let shown: Shown | null = null;

function put(scene: Scene): Shown {
  const target = document.getElementById("app");
  if (!target) throw new Error("index.html has no #app");
  Object.defineProperty(window, "isSecureContext", { value: scene.insecure ? false : secure, configurable: true });
  const session = new FakeSession(scene.state(), () => talking("muted"), scene.refuses ?? null);
  const preferences = new Preferences(null);
  preferences.change({ theme: query.has("dark") ? "dark" : query.has("light") ? "light" : "system" });
  const live = new Live(session);
  const nav = new Navigation(placeAt(scene.at));
  const api = fakeApi(scene);
  const entry = new Entry(api, session);
  const controls = new Controls(session, live, nav);
  const events = new Events(api);
  events.all = scene.events ?? null;
  const home = { session, devices: devicesOf(scene), api, live, entry, blocks: new Blocks(api), events, hidden: new Hidden(null, null), nav, controls, announcer: new Announcer(), preferences, sounds: new Sounds(() => false), pushing: pushingOf(scene), guest: scene.guest === undefined ? null : arrived(new Guest("#AAAAAAAAAAAAAAAAAAAAAQAAAAAAAAAAAAAAAAAAAAAg", null, () => "AAAAAAAAAAAAAAAAAAAAAw")) };
  const app = mount(App, { target, props: { home } });
  void entry.knock();
  return { scene, session, end: () => void unmount(app) };
}

function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}

/** For whoever walks through without loading the page anew. */
const gallery = {
  scenes: [...SCENES.keys()],
  show(name: string): readonly Step[] {
    const scene = SCENES.get(name);
    if (scene === undefined) throw new Error(`there is no scene ${name}`);
    shown?.end();
    scrollTo({ top: 0 });
    shown = put(scene);
    return scene.steps ?? [];
  },
  /** What then happens by itself; done when all that was soon has happened. */
  async goOn(): Promise<void> {
    await turn();
    shown?.session.change(shown.scene.then ?? {});
    await turn();
  },
};
Object.assign(window, { gallery });
gallery.show(query.get("scene") ?? "hallway");
