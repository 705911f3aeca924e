// Many buttons, one stop of Tab: arrows, Home and End go from one to the next (roving tabindex, WAI-ARIA APG). Which of
// them is the stop says whoever draws them: the one that had the focus last, or the first.

export interface Rows {
  /** How many there are. */
  readonly many: number;
  /** How many stand beside each other. */
  readonly columns: number;
  readonly dir: "ltr" | "rtl";
}

/** Where a key leads from one of them; null if nowhere. */
export function step(key: string, from: number, { many, columns, dir }: Rows): number | null {
  const on = dir === "rtl" ? -1 : 1;
  const steps: Readonly<Record<string, number>> = {
    ArrowRight: from + on,
    ArrowLeft: from - on,
    ArrowDown: from + columns,
    ArrowUp: from - columns,
    Home: 0,
    End: many - 1,
  };
  const to = steps[key];
  return to === undefined || to === from || to < 0 || to >= many ? null : to;
}

/** For `onkeydown` of what holds the buttons. */
export function walk(event: KeyboardEvent & { currentTarget: HTMLElement }): void {
  if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
  const all = [...event.currentTarget.querySelectorAll("button")];
  const from = all.findIndex((button) => button === document.activeElement);
  if (from < 0) return;
  const { direction, gridTemplateColumns } = getComputedStyle(event.currentTarget);
  const columns = gridTemplateColumns === "none" ? 1 : gridTemplateColumns.split(" ").length;
  const to = step(event.key, from, { many: all.length, columns, dir: direction === "rtl" ? "rtl" : "ltr" });
  if (to === null) return;
  // The page stands still under it, but for what the focus needs to be seen.
  event.preventDefault();
  all[to]?.focus();
}
