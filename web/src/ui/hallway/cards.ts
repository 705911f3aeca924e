// What a card says about a room. Pure.

import type { Face } from "../../protocol/Face";
import type { RoomCard } from "../../protocol/RoomCard";
import type { RoomId } from "../../protocol/RoomId";
import { name, spoken, t } from "../../texts";

/** The title, or who is there. */
export function cardTitle(card: Pick<RoomCard, "title" | "faces">): string {
  if (card.title !== null) return card.title;
  const first = card.faces.slice(0, 3).map((face) => name(face.name));
  return first.length > 0 ? t.hall.untitled(t.common.list(first)) : t.hall.untitledNobody;
}

/** In the language of the page. */
export function languageName(code: string): string {
  return new Intl.DisplayNames(spoken.locale, { type: "language" }).of(code) ?? code;
}

/** Names named on a card; the counts say how many more there are. */
const NAMED_MAX = 3;

/** "Marta and Jo are speaking", with names wrapped for `Rich`. */
export function whoText(faces: readonly Face[]): string {
  const wrapped = (some: readonly Face[]): string[] => some.slice(0, NAMED_MAX).map((face) => name(face.name));
  const speaking = wrapped(faces.filter((face) => face.speaking));
  const silent = wrapped(faces.filter((face) => !face.speaking)).slice(0, NAMED_MAX - Math.min(speaking.length, NAMED_MAX - 1));
  if (faces.length === 0) return t.hall.stageFree;
  if (speaking.length === 0) return t.hall.pause(silent);
  return silent.length > 0 && speaking.length === 1 ? t.hall.speakingWith(speaking, silent) : t.hall.speaking(speaking);
}

/** The same for labels, without the marks. */
export function plain(text: string): string {
  return text.replace(/[\u2068\u2069]/g, "");
}

export interface Shown {
  readonly cards: readonly RoomCard[];
  /** New ones that wait, because somebody is reading further down. */
  readonly waiting: number;
}

/**
 * What of the hallway is on screen. While somebody has scrolled, new cards wait and known ones keep their order;
 * gone ones leave at once.
 */
export function settle(now: readonly RoomCard[], known: readonly RoomId[], reading: "top" | "further"): Shown {
  if (reading === "top" || known.length === 0) return { cards: now, waiting: 0 };
  const byId = new Map(now.map((card) => [card.room, card]));
  const cards = known.flatMap((id) => byId.get(id) ?? []);
  return { cards, waiting: now.length - cards.length };
}
