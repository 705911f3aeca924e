// What this version can say to people.

import type { Notice } from "../protocol/Notice";

const KNOWN: Readonly<Record<Notice["notice"], true>> = {
  muted: true,
  held: true,
  released: true,
  moved_to_audience: true,
  hand_lowered: true,
  invitation_gone: true,
  declined: true,
  authority_changed: true,
  new_owner: true,
  widened: true,
  panic: true,
  removed: true,
  undone: true,
  not_coming: true,
  reported: true,
};

/** A newer server may have more to say than there are words for here: that is passed over. */
export function isKnown(notice: Notice): boolean {
  return Object.hasOwn(KNOWN, notice.notice);
}
