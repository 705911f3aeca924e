// The gallery's time. With `?still` it stands: pictures of the same scene are then the same, however long the camera
// takes. Nothing moves, nothing lapses, and what is due soon is due now.

/** What waits less than this waits for somebody to stop typing; what waits longer takes something off the screen. */
const SOON_MS = 1_000;

export const STILL = new URLSearchParams(location.search).has("still");

/** The day of the gallery, since the Unix epoch: what lapses in six days does so on the same one in every run. */
export const DAY = 20_780;
const DAY_MS = 86_400_000;

const LOADED = performance.now();
const WALL = DAY * DAY_MS;

/** The clock of the gallery's session. */
export const now = (): number => (STILL ? LOADED : performance.now());

if (STILL) {
  Date.now = () => WALL;
  const after = window.setTimeout.bind(window);
  const soon = (act: TimerHandler, ms = 0): number => (ms < SOON_MS ? after(act, 0) : 0);
  window.setTimeout = soon as typeof window.setTimeout;
  const sheet = new CSSStyleSheet();
  sheet.replaceSync("*, ::before, ::after { transition: none !important; animation: none !important; caret-color: transparent !important; }");
  document.adoptedStyleSheets = [sheet];
}
