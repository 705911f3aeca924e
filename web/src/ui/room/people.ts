// Who stands where in a room, and what they look like there. Pure.

import type { Handle } from "../../protocol/Handle";
import type { ParticipantId } from "../../protocol/ParticipantId";
import type { Person } from "../../protocol/Person";
import type { RoomFacts } from "../../protocol/RoomFacts";
import type { Room } from "../../session/state";
import { volumeOf, type Volumes } from "../../session/volumes";
import type { AvatarState } from "../parts/Avatar.svelte";
import { spoken, t } from "../../texts";

export interface Groups {
  readonly stage: readonly Person[];
  /** Asked up, not there yet; only moderators know. */
  readonly asked: readonly Person[];
  readonly followed: readonly Person[];
  readonly others: readonly Person[];
}

/** Stage in the server's order, so that nobody changes places because they speak; the audience by name. */
export function groups(room: Pick<Room, "people" | "queue">): Groups {
  const invited = new Set(room.queue.filter(({ state }) => state === "invited").map(({ id }) => id));
  const stage: Person[] = [];
  const asked: Person[] = [];
  const followed: Person[] = [];
  const others: Person[] = [];
  for (const person of room.people.values()) {
    if (person.place.at === "stage") stage.push(person);
    else if (invited.has(person.id)) asked.push(person);
    else if (person.followed_by_speakers) followed.push(person);
    else others.push(person);
  }
  const byName = new Intl.Collator(spoken.locale, { sensitivity: "base", numeric: true });
  const order = (one: Person, two: Person): number => byName.compare(one.name, two.name) || one.id - two.id;
  return { stage, asked, followed: followed.sort(order), others: others.sort(order) };
}

/** Those who are heard now, loudest first, without empty slots or people who left. */
export function speakers(room: Pick<Room, "slots" | "people">): Person[] {
  return room.slots.flatMap((id) => {
    const person = id === null ? undefined : room.people.get(id);
    return person ? [person] : [];
  });
}

export function nameOf(room: Pick<Room, "people" | "queue">, id: ParticipantId): string {
  return room.people.get(id)?.name ?? room.queue.find((hand) => hand.id === id)?.name ?? t.room.someone;
}

/** What a room is called where it has no title. */
export function titleOf(facts: Pick<RoomFacts, "title">): string {
  return facts.title ?? t.room.untitled;
}

export function keepsOrder(authority: Person["authority"]): boolean {
  return authority === "owner" || authority === "moderator";
}

/** Whose eyes see a person: somebody is "you" to one reader only. */
export interface Seen {
  readonly me: ParticipantId;
  readonly heard: ReadonlySet<ParticipantId>;
  readonly asked: ReadonlySet<ParticipantId>;
  /** People whom the reader does not hear, by their own choice. */
  readonly silenced: ReadonlySet<ParticipantId>;
  /** Whom the reader blocks: they are shown all the same. */
  readonly blocked: ReadonlySet<Handle>;
}

export function look(person: Person, seen: Seen): AvatarState {
  if (person.presence === "reconnecting") return "away";
  if (seen.asked.has(person.id)) return "asked";
  if (person.place.at !== "stage") return "plain";
  if (person.place.mic !== "open") return "muted";
  return seen.heard.has(person.id) ? "speaking" : "plain";
}

/** The one line of state under a name. */
export function line(person: Person, seen: Seen): string {
  const state = look(person, seen);
  if (state === "away") return t.person.reconnecting;
  if (state === "asked") return t.person.invited;
  if (person.place.at === "stage" && person.place.mic === "held") return t.person.held;
  if (isBlocked(person, seen)) return t.person.blocked;
  if (seen.silenced.has(person.id)) return t.person.silenced;
  if (person.id === seen.me) return t.person.you;
  if (state === "speaking") return t.person.speaking;
  if (person.guest_of !== null) return t.person.guestOf(person.guest_of);
  if (person.authority === "guest") return t.person.guest;
  if (person.authority === "owner") return t.person.owner;
  return person.authority === "moderator" ? t.person.moderator : t.person.silent;
}

/** What a screen reader says: "Bo, moderator, muted, speaking". */
export function label(person: Person, seen: Seen): string {
  const parts = [person.name];
  if (person.id === seen.me) parts.push(t.person.labelYou);
  if (person.authority === "owner") parts.push(t.person.labelOwner);
  if (person.authority === "moderator") parts.push(t.person.labelModerator);
  if (person.guest_of !== null) parts.push(t.person.labelGuestOf(person.guest_of));
  if (person.place.at === "stage" && person.place.mic === "muted") parts.push(t.person.labelMuted);
  if (person.place.at === "stage" && person.place.mic === "held") parts.push(t.person.labelHeld);
  if (look(person, seen) === "speaking") parts.push(t.person.labelSpeaking);
  if (person.presence === "reconnecting") parts.push(t.person.labelReconnecting);
  if (seen.asked.has(person.id)) parts.push(t.person.labelInvited);
  if (seen.silenced.has(person.id)) parts.push(t.person.labelSilenced);
  if (isBlocked(person, seen)) parts.push(t.person.labelBlocked);
  return t.person.label(parts);
}

/** Came to the server within the last week. Whoever keeps order is known here, however new. */
export function isMarkedNew(person: Person): boolean {
  return person.newcomer && !keepsOrder(person.authority);
}

function isBlocked(person: Person, seen: Seen): boolean {
  return person.handle !== null && seen.blocked.has(person.handle);
}

export function seenBy(room: Pick<Room, "you" | "slots" | "queue" | "people" | "volumes">, kept: Volumes, blocked: ReadonlySet<Handle> = new Set()): Seen {
  const onStage = [...room.people.values()].filter(({ place }) => place.at === "stage");
  return {
    me: room.you.id,
    blocked,
    silenced: new Set(onStage.filter((person) => volumeOf(person, room, kept) === 0).map(({ id }) => id)),
    heard: new Set(room.slots.filter((id) => id !== null)),
    asked: new Set(room.queue.filter(({ state }) => state === "invited").map(({ id }) => id)),
  };
}

/** The room is mine to hand over: I own it, or I alone keep order while its owner is gone. */
export function mayHandOver(room: Pick<Room, "you" | "people">): boolean {
  return room.you.authority === "owner" || (room.you.authority === "moderator" && otherKeepers(room).length === 0);
}

/** Nobody keeps order when I leave, and somebody would be left without it. */
export function lastKeeper(room: Pick<Room, "you" | "people" | "facts">): boolean {
  const somebodyElse = room.facts.on_stage + room.facts.in_audience > 1;
  const otherKeeper = otherKeepers(room).some(({ presence }) => presence === "here");
  return mayHandOver(room) && somebodyElse && !otherKeeper && room.facts.phase.is !== "ending";
}

function otherKeepers(room: Pick<Room, "you" | "people">): Person[] {
  return [...room.people.values()].filter(({ id, authority }) => id !== room.you.id && keepsOrder(authority));
}

/** To whom the room could go: speakers first, in the order of their arrival there; never guests. */
export function heirs(room: Pick<Room, "you" | "people" | "queue">): Person[] {
  const { stage, followed, others } = groups(room);
  return [...stage, ...followed, ...others].filter(
    (person) => person.id !== room.you.id && person.authority !== "guest" && person.presence === "here",
  );
}
