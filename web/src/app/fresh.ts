// What a page asked once is not true for ever: whoever looks at it again sees it as it is now.

/** Between two questions while somebody looks, in milliseconds. */
export const FRESH_MS = 30_000;
/** A tab that comes back says so twice, by its sight and by its focus: one question is enough. */
const TOGETHER_MS = 500;

/** What of a page's surroundings says that somebody looks. */
export interface Sight {
  seen(): boolean;
  now(): number;
  /** Called whenever the page is seen, or has the focus, again; gives the way to stop. */
  onReturn(back: () => void): () => void;
  /** Called again and again; gives the way to stop. */
  every(ms: number, call: () => void): () => void;
}

const PAGE: Sight = {
  seen: () => document.visibilityState === "visible",
  now: () => performance.now(),
  onReturn(back) {
    document.addEventListener("visibilitychange", back);
    addEventListener("focus", back);
    return () => {
      document.removeEventListener("visibilitychange", back);
      removeEventListener("focus", back);
    };
  },
  every(ms, call) {
    const timer = setInterval(call, ms);
    return () => clearInterval(timer);
  },
};

/** Asks again when the page is seen again and every half minute while it is; not at once. Gives the way to stop: for `$effect`. */
export function fresh(ask: () => void, sight: Sight = PAGE): () => void {
  let asked = sight.now();
  const again = (): void => {
    if (!sight.seen() || sight.now() - asked < TOGETHER_MS) return;
    asked = sight.now();
    ask();
  };
  const stops = [sight.onReturn(again), sight.every(FRESH_MS, again)];
  return () => stops.forEach((stop) => stop());
}
