// What sticks to an edge of the screen, or floats above it, says how much it covers: the page scrolls what has the focus
// clear of it (base.css). Measured, since notices come and go and letters have the size that their reader likes.

import type { Attachment } from "svelte/attachments";

export type Edge = "top" | "bottom";

const standing: Record<Edge, Set<HTMLElement>> = { top: new Set(), bottom: new Set() };

function measure(): void {
  const reach = (box: DOMRect, edge: Edge): number => (box.height === 0 ? 0 : edge === "top" ? box.bottom : innerHeight - box.top);
  for (const edge of ["top", "bottom"] as const) {
    const most = Math.max(0, ...[...standing[edge]].map((element) => reach(element.getBoundingClientRect(), edge)));
    document.documentElement.style.setProperty(`--covered-${edge}`, `${Math.ceil(most)}px`);
  }
}

/** For as long as the element stands. */
export function covers(edge: Edge): Attachment<HTMLElement> {
  return (element) => {
    standing[edge].add(element);
    const seen = new ResizeObserver(measure);
    seen.observe(element);
    addEventListener("resize", measure);
    return () => {
      seen.disconnect();
      removeEventListener("resize", measure);
      standing[edge].delete(element);
      measure();
    };
  };
}
