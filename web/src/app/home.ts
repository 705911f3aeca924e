import { createContext } from "svelte";
import type { Api } from "./api";
import type { Devices, Session } from "../session/contract";
import type { Sounds } from "../ui/sounds";
import type { Announcer } from "./announcer.svelte";
import type { Blocks } from "./blocks.svelte";
import type { Controls } from "./controls.svelte";
import type { Entry } from "./entry.svelte";
import type { Events } from "./events.svelte";
import type { Arrived } from "../ui/guest";
import type { Hidden } from "./hidden.svelte";
import type { Live } from "./live.svelte";
import type { Navigation } from "./navigation.svelte";
import type { Preferences } from "./preferences.svelte";
import type { Pushing } from "./pushing";

/** What every screen may reach. One of each, made in `main.ts`. */
export interface Home {
  readonly session: Session;
  readonly devices: Devices;
  readonly api: Api;
  readonly live: Live;
  readonly entry: Entry;
  readonly blocks: Blocks;
  readonly events: Events;
  readonly hidden: Hidden;
  readonly nav: Navigation;
  readonly controls: Controls;
  readonly announcer: Announcer;
  readonly preferences: Preferences;
  readonly sounds: Sounds;
  /** Another than the browser's own, which only those load who need it. */
  readonly pushing: Pushing | null;
  /** Whoever comes by a link for a guest. */
  readonly guest: Arrived | null;
}

export const [home, setHome] = createContext<Home>();
