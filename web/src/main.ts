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

const target = document.getElementById("app") as HTMLElement;

const storage = browserStorage();
const preferences = new Preferences(storage);
// A guest's link does not stay in the address, whatever comes: others may see it, and a page that is left is found again.
const { pathname, hash } = location;
if (pathname === "/g") history.replaceState({}, "", pathname);
// What cannot be fetched is not spoken: then it is English. The module itself waits for nothing: a language is one that waits for it.
void fitting([preferences.language, ...navigator.languages])
  .then((language) => speak(language, document.documentElement), () => undefined)
  .then(() => (typeof RTCPeerConnection === "function" ? begin() : mount(Plain, { target, props: { title: t.boot.voiceless, why: t.boot.voicelessWhy } })))
  .catch(() => mount(Plain, { target, props: { title: t.boot.oldClient, why: t.boot.oldClientWhy, act: t.common.reload, onact: again } }));

/** With the link, if there was one. */
function again(): void {
  location.hash = hash;
  location.reload();
}

async function begin(): Promise<void> {
  const guest = pathname === "/g" ? (await guests()).arrive(hash) : null;
  // Whoever comes as a guest leaves nothing here, and takes away nothing that a member has here.
  const kept = guest ? null : storage;
  preferences.dress(document.documentElement);
  const devices = createDevices();
  const session = await createSession(devices, kept, guest);
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
        hidden: new Hidden(kept && tabStorage(), kept),
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
  if (globalThis.Notification?.permission === "granted") {
    void import("./app/pushing").then(
      ({ browserPushing, followZone }) => followZone(browserPushing, api),
      // An upgraded server has another: the next page says where the clock is.
      () => undefined,
    );
  }
}
