// How loud somebody is, put on an element as `--level`: one timer for all of them, ten times a second, none when
// nobody speaks. Styles do the rest.

import type { Attachment } from "svelte/attachments";
import type { ParticipantId } from "../../protocol/ParticipantId";
import type { Session } from "../../session/contract";

/** Between two looks, in milliseconds: the ring's transition is as long, so it never stands still. */
const LOOK_MS = 100;

type Reading = { readonly element: HTMLElement | SVGElement; readonly read: () => number };

const readings = new Set<Reading>();
let timer: ReturnType<typeof setInterval> | undefined;

function look(): void {
  if (document.hidden) return;
  for (const { element, read } of readings) element.style.setProperty("--level", read().toFixed(2));
}

/** Follows the loudest of some people. */
export function level(session: Session, ids: readonly ParticipantId[]): Attachment<HTMLElement | SVGElement> {
  return (element) => {
    if (ids.length === 0) {
      element.style.removeProperty("--level");
      return;
    }
    const reading: Reading = { element, read: () => Math.max(...ids.map((id) => session.level(id))) };
    readings.add(reading);
    timer ??= setInterval(look, LOOK_MS);
    return () => {
      readings.delete(reading);
      element.style.removeProperty("--level");
      if (readings.size === 0) {
        clearInterval(timer);
        timer = undefined;
      }
    };
  };
}
