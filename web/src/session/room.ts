// The pure reducer of one room: the server's states in, the next value out.

import type { ParticipantId } from "../protocol/ParticipantId";
import type { Person } from "../protocol/Person";
import type { RoomEvent } from "../protocol/RoomEvent";
import type { RoomView } from "../protocol/RoomView";
import type { You } from "../protocol/You";
import { CHAT_MESSAGES_MAX } from "../protocol/limits";
import { isKnown } from "./notices";
import { NONE, QUIET, told } from "./reactions";
import { spokenUntil } from "./spoke";
import type { Room } from "./state";

/** Notices kept at once: more would be a list, not a word. */
export const SAID_MAX = 4;

/** What a fresh state of the room keeps from the value before it. */
export function fromView(view: RoomView, before: Room | null): Room {
  const same = before !== null && before.room === view.room ? before : null;
  return {
    room: view.room,
    epoch: view.epoch,
    sequence: view.sequence,
    facts: view.facts,
    you: view.you,
    people: new Map(view.people.map((person) => [person.id, person])),
    queue: view.queue,
    asked: view.asked,
    slots: view.slots,
    board: view.board,
    chat: view.chat,
    talked: same?.talked ?? null,
    media: same?.media ?? { is: "none" },
    playback: same?.playback ?? "ok",
    microphone: same?.microphone ?? { is: "closed" },
    wantedMic: settled(same?.wantedMic ?? null, view.you),
    mutedButSpeaking: false,
    restarted: same !== null && (same.restarted || same.epoch !== view.epoch),
    said: same?.said ?? [],
    // What was missed in between does not come back among everybody's.
    reactions: same === null ? QUIET : { ...same.reactions, ahead: NONE },
    spoke: same?.spoke ?? [],
    volumes: same?.volumes ?? new Map(),
  };
}

/** Whether these events can be applied, have been already, or come after something that was missed. */
export function order(room: Room, epoch: number, sequence: number): "next" | "old" | "gap" {
  if (epoch !== room.epoch) return "gap";
  if (sequence <= room.sequence) return "old";
  return sequence === room.sequence + 1 ? "next" : "gap";
}

/** One message of events, already known to be the next one. `now` is the session's clock. */
export function applyEvents(room: Room, sequence: number, events: readonly RoomEvent[], now: number): Room {
  return events.reduce((next, event) => applyEvent(next, event, now), { ...room, sequence });
}

function applyEvent(room: Room, event: RoomEvent, now: number): Room {
  switch (event.type) {
    case "person":
      return { ...room, people: withPerson(room.people, event.person) };
    case "gone": {
      // Whoever goes in the middle of a word is heard until then.
      const spoke = room.slots.includes(event.id) ? spokenUntil(room.spoke, [event.id], room.people, now) : room.spoke;
      const people = new Map(room.people);
      people.delete(event.id);
      return { ...room, people, spoke };
    }
    case "facts":
      return { ...room, facts: event.facts, chat: event.facts.chat === "off" ? [] : room.chat };
    case "you":
      return { ...room, you: event.you, wantedMic: settled(room.wantedMic, event.you) };
    case "queue":
      return { ...room, queue: event.queue };
    case "asked":
      return { ...room, asked: event.asked };
    case "slots":
      return { ...room, slots: event.slots, spoke: spokenUntil(spokenUntil(room.spoke, room.slots, room.people, now), event.slots, room.people, now) };
    case "board":
      return { ...room, board: event.board };
    case "chat":
      return { ...room, chat: [...room.chat, ...event.said].filter(({ id }) => !event.gone.includes(id)).slice(-CHAT_MESSAGES_MAX) };
    case "talk_times":
      return { ...room, talked: { since: event.since, times: event.times } };
    case "reactions":
      return { ...room, reactions: told(room.reactions, event.counts) };
    case "notice": {
      if (!isKnown(event.notice)) return room;
      const key = (room.said.at(-1)?.key ?? 0) + 1;
      return { ...room, said: [...room.said, { key, at: now, notice: event.notice }].slice(-SAID_MAX) };
    }
    default:
      return ignored(event, room);
  }
}

/** A newer server may say things this version does not know: they change nothing. The type keeps the list complete. */
function ignored(_event: never, room: Room): Room {
  return room;
}

/** Somebody who comes on stage goes behind those already there; otherwise people keep their place. */
function withPerson(people: ReadonlyMap<ParticipantId, Person>, person: Person): Map<ParticipantId, Person> {
  const next = new Map(people);
  const before = people.get(person.id);
  if (before !== undefined && before.place.at !== person.place.at) next.delete(person.id);
  next.set(person.id, person);
  return next;
}

/** A wish about the microphone stands until the server's state agrees with it, or can no longer come to agree. */
export function settled(wanted: "open" | "muted" | null, you: You): "open" | "muted" | null {
  if (wanted === null || you.place.at !== "stage") return null;
  const { mic } = you.place;
  return mic === wanted || mic === "held" ? null : wanted;
}

/** My microphone as the person should see it: the wish at once, the truth when it comes. */
export function shownMic(room: Room): "open" | "muted" | "held" | "none" {
  if (room.you.place.at !== "stage") return "none";
  if (room.you.place.mic === "held") return "held";
  return room.wantedMic ?? room.you.place.mic;
}

/** The room has my microphone open, and this page has none: the system took it away, or it went with the page before. */
export function lacksMicrophone(room: Room): boolean {
  return shownMic(room) === "open" && room.microphone.is !== "ready" && room.microphone.is !== "asking";
}

/** I muted myself, and the room still has my microphone open. */
export function isMutedUnheard({ wantedMic, you }: Room): boolean {
  return wantedMic === "muted" && you.place.at === "stage" && you.place.mic === "open";
}
