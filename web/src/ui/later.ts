// Parts that are fetched when they are needed, or a little before.

export const sheets = () => import("./sheets");
export const doors = () => import("./door");
export const firstSteps = () => import("./hallway/FirstSteps.svelte");
export const people = () => import("./people");
export const reactions = () => import("./reactions");
export const settings = () => import("./settings/SettingsScreen.svelte");

/** How long the first screen has for itself before the rest is fetched, in milliseconds. */
const SETTLED_MS = 1_500;

/** Fetches the sheets in good time: an upgraded server no longer has them, and a room must not miss any. */
export function fetchSheets(): () => void {
  const timer = setTimeout(() => void sheets().catch(() => undefined), SETTLED_MS);
  return () => clearTimeout(timer);
}
