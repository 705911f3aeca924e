import { mount } from "svelte";
import { Announcer } from "./app/announcer.svelte";
import { Blocks } from "./app/blocks.svelte";
import { Controls } from "./app/controls.svelte";
import { Entry } from "./app/entry.svelte";
import { Events } from "./app/events.svelte";
import { Hidden } from "./app/hidden.svelte";
import { Live } from "./app/live.svelte";
import { Navigation } from "./app/navigation.svelte";
import { createSession, tabStorage } from "./app/browser";
import { browserPlace } from "./app/place";
import { browserStorage, Preferences } from "./app/preferences.svelte";
import { createDevices } from "./audio/devices";
import { api } from "./session/api";
import { fitting, speak, t } from "./texts";
import App from "./ui/App.svelte";
import Plain from "./ui/door/Plain.svelte";
import { guests } from "./ui/later";
import { Sounds } from "./ui/sounds";
import "./ui/styles/tokens.css";
import "./ui/styles/base.css";
import "./ui/styles/components.css";

const target = document.getElementById("app");
if (!target) throw new Error("index.html has no #app");

const storage = browserStorage();
const preferences = new Preferences(storage);
// What cannot be fetched is not spoken: then it is English. The module itself waits for nothing: a language is one that waits for it.
void fitting([preferences.language, ...navigator.languages])
  .then((language) => speak(language, document.documentElement), () => undefined)
  .then(() => (typeof RTCPeerConnection === "function" ? begin(target) : mount(Plain, { target, props: { title: t.boot.voiceless, why: t.boot.voicelessWhy } })));

async function begin(target: HTMLElement): Promise<void> {
  // Whoever comes as a guest leaves nothing here.
  const guest = location.pathname === "/g" ? (await guests()).arrive() : null;
  preferences.dress(document.documentElement);
  const devices = createDevices();
  const session = await createSession(devices, guest ? null : storage, guest);
  const live = new Live(session);
  const nav = new Navigation(browserPlace());
  const entry = new Entry(api, session);

  mount(App, {
    target,
    props: {
      home: {
        session,
        devices,
        api,
        live,
        entry,
        blocks: new Blocks(api),
        events: new Events(api),
        hidden: new Hidden(tabStorage(), storage),
        nav,
        controls: new Controls(session, live, nav),
        announcer: new Announcer(),
        preferences,
        sounds: new Sounds(() => preferences.sounds === "on"),
        pushing: null,
        guest,
      },
    },
  });
  if (guest) return guest.comes(entry);
  void entry.knock();
  if ("Notification" in globalThis && Notification.permission === "granted") {
    void import("./app/pushing").then(
      ({ browserPushing, followZone }) => followZone(browserPushing, api),
      // An upgraded server has another: the next page says where the clock is.
      () => undefined,
    );
  }
}
