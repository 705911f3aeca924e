// Who was heard in this room lately, by this page alone: whoever left after a word can still be reported for it.

import type { DisplayName } from "../protocol/DisplayName";
import type { Handle } from "../protocol/Handle";
import { RECENT_SPEAKERS_MAX, RECENT_SPEAKERS_PERIOD } from "../protocol/limits";
import type { ParticipantId } from "../protocol/ParticipantId";
import type { Person } from "../protocol/Person";


export interface Spoke {
  readonly id: ParticipantId;
  readonly name: DisplayName;
  readonly handle: Handle | null;
  /** When they were heard last, by the session's clock. */
  readonly at: number;
}

/** Those in the slots are heard now; whoever was in them until now, too. The latest comes first. */
export function spokenUntil(spoke: readonly Spoke[], slots: readonly (ParticipantId | null)[], people: ReadonlyMap<ParticipantId, Person>, now: number): readonly Spoke[] {
  const heard = slots.flatMap((id) => {
    const person = id === null ? undefined : people.get(id);
    return person ? [{ id: person.id, name: person.name, handle: person.handle, at: now }] : [];
  });
  if (heard.length === 0) return spoke;
  const again = new Set(heard.map(({ id }) => id));
  return [...heard, ...spoke.filter(({ id }) => !again.has(id))].slice(0, RECENT_SPEAKERS_MAX);
}

/** Those who can be reported now: of those who left, the server knows handles alone, and guests have none. */
export function spokeLately(spoke: readonly Spoke[], people: ReadonlyMap<ParticipantId, Person>, me: ParticipantId, now: number): readonly Spoke[] {
  return spoke.filter(({ id, handle, at }) => id !== me && now - at < RECENT_SPEAKERS_PERIOD && (handle !== null || people.has(id)));
}
