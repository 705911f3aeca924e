export { default as AnnounceScreen } from "./AnnounceScreen.svelte";
export { default as EventScreen } from "./EventScreen.svelte";
export { default as EventStrip } from "./EventStrip.svelte";
export { default as EventToasts } from "./EventToasts.svelte";
export { default as EventsScreen } from "./EventsScreen.svelte";
