// Where the focus goes when what had it leaves the page: a hand that was answered, a person who was moved, a whole screen.
// Browsers drop it to the top of the page, and whoever goes by keys or is read to starts over.

const HEADINGS = "h1[tabindex], h2[tabindex]";

/** Keeps the focus in this page on something, from now until the returned function is called. */
export function keepFocus(page: Document): () => void {
  /** What has the focus, then what it stands in, from the inside out. */
  let trail: readonly Element[] = [];
  let frame: number | null = null;

  const lost = (): boolean => trail[0]?.isConnected === false && page.activeElement === page.body;
  function mend(): void {
    frame = null;
    if (lost()) headingNear(trail)?.focus({ preventScroll: true });
  }
  // Not before the screen is drawn: a sheet that closes and a new screen know better where the focus belongs.
  const observer = new MutationObserver(() => {
    if (frame === null && lost()) frame = requestAnimationFrame(mend);
  });
  observer.observe(page.body, { childList: true, subtree: true });

  const focused = ({ target }: FocusEvent): void => void (trail = target instanceof Element ? lineage(target) : []);
  /** A press beside it takes the focus away by intent. */
  const pressed = ({ target }: PointerEvent): void => {
    if (!(target instanceof Node) || !trail[0]?.contains(target)) trail = [];
  };
  page.addEventListener("focusin", focused);
  page.addEventListener("pointerdown", pressed);
  return () => {
    observer.disconnect();
    if (frame !== null) cancelAnimationFrame(frame);
    page.removeEventListener("focusin", focused);
    page.removeEventListener("pointerdown", pressed);
  };
}

function lineage(element: Element): readonly Element[] {
  const all: Element[] = [];
  for (let at: Element | null = element; at !== null; at = at.parentElement) all.push(at);
  return all;
}

/** The heading of the smallest part of the page that still stands around it. */
function headingNear(trail: readonly Element[]): HTMLElement | undefined {
  for (const part of trail) {
    if (!part.isConnected) continue;
    const heading = [...part.querySelectorAll<HTMLElement>(HEADINGS)].find((each) => each.checkVisibility());
    if (heading !== undefined) return heading;
  }
  return undefined;
}
