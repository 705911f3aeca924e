// What changed between two states, as far as it is worth a word or a sound. Pure.

import type { ParticipantId } from "../protocol/ParticipantId";
import type { LeftReason } from "../protocol/LeftReason";
import type { Notice } from "../protocol/Notice";
import type { Room, SessionState } from "../session/state";

export type Happening =
  | { readonly is: "entered"; readonly title: string | null }
  | { readonly is: "left"; readonly reason: LeftReason }
  | { readonly is: "on_stage" }
  | { readonly is: "off_stage" }
  | { readonly is: "hand_up" }
  | { readonly is: "hand_down" }
  | { readonly is: "asked_up"; readonly by: ParticipantId }
  | { readonly is: "microphone"; readonly mic: "open" | "muted" | "held" }
  | { readonly is: "line_lost" }
  | { readonly is: "line_back"; readonly server: "same" | "restarted" }
  | { readonly is: "hand_of"; readonly name: string }
  | { readonly is: "came_up"; readonly name: string }
  | { readonly is: "went_down"; readonly name: string }
  | { readonly is: "ending" }
  | { readonly is: "notice"; readonly notice: Notice };

/** More arrivals on stage at once than this are not read out one by one. */
const READ_OUT_MAX = 3;

export function happenings(before: SessionState, after: SessionState): Happening[] {
  const found: Happening[] = [];
  if (after.left !== null && after.left !== before.left) found.push({ is: "left", reason: after.left.reason });
  if (isDown(after) && !isDown(before)) found.push({ is: "line_lost" });
  const restarted = after.room?.restarted === true;
  const back = isDown(before) && !isDown(after) && isUp(after);
  // The sound of before may not have been missed yet when the room is already back: then this is the moment to say it.
  const learnt = restarted && before.room?.restarted === false && isUp(after);
  if (back || learnt) found.push({ is: "line_back", server: restarted ? "restarted" : "same" });
  if (after.room === null) return found;
  if (before.room?.room !== after.room.room) {
    found.push({ is: "entered", title: after.room.facts.title });
    return found;
  }
  found.push(...mine(before.room, after.room), ...others(before.room, after.room));
  if (after.room.facts.phase.is === "ending" && before.room.facts.phase.is !== "ending") found.push({ is: "ending" });
  const known = new Set(before.room.said.map(({ key }) => key));
  for (const said of after.room.said) if (!known.has(said.key)) found.push({ is: "notice", notice: said.notice });
  return found;
}

function isDown(state: SessionState): boolean {
  return state.line.is === "lost" || state.room?.media.is === "lost";
}

function isUp(state: SessionState): boolean {
  return state.line.is === "open" && (state.room === null || state.room.media.is !== "lost");
}

function mine(before: Room, after: Room): Happening[] {
  const was = before.you.place;
  const is = after.you.place;
  if (is.at === "stage" && was.at !== "stage") return [{ is: "on_stage" }];
  if (is.at !== "stage" && was.at === "stage") return [{ is: "off_stage" }];
  if (is.at === "stage" && was.at === "stage") return is.mic === was.mic ? [] : [{ is: "microphone", mic: is.mic }];
  if (is.at === "invited" && was.at !== "invited") return [{ is: "asked_up", by: is.by }];
  if (is.at === "hand_raised" && was.at !== "hand_raised") return [{ is: "hand_up" }];
  if (is.at === "audience" && was.at === "hand_raised") return [{ is: "hand_down" }];
  return [];
}

function others(before: Room, after: Room): Happening[] {
  const found: Happening[] = [];
  const waited = new Set(before.queue.map(({ id }) => id));
  for (const hand of after.queue) {
    if (hand.state === "raised" && !waited.has(hand.id)) found.push({ is: "hand_of", name: hand.name });
  }
  const moved: Happening[] = [];
  if (before.people !== after.people) {
    for (const person of after.people.values()) {
      const was = before.people.get(person.id);
      if (person.id === after.you.id || was === undefined || was.place.at === person.place.at) continue;
      moved.push({ is: person.place.at === "stage" ? "came_up" : "went_down", name: person.name });
    }
  }
  return moved.length <= READ_OUT_MAX ? [...found, ...moved] : found;
}
