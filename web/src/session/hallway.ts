// The hallway's order: rooms I was asked into, then those of announced events, then people I follow on stage, then those in the
// audience, then those of my clubs, then those in a language of mine, then the fuller ones.

import type { HallwayChange } from "../protocol/HallwayChange";
import type { Me } from "../protocol/Me";
import type { RoomCard } from "../protocol/RoomCard";

export function sortHallway(cards: readonly RoomCard[], mine: readonly string[]): RoomCard[] {
  const rank = (card: RoomCard): readonly number[] => [
    card.asked_by === null ? 0 : 1,
    card.event === null ? 0 : 1,
    card.followed_on_stage,
    card.followed_in_audience,
    card.club?.mine === true ? 1 : 0,
    mine.includes(card.language ?? "") ? 1 : 0,
    card.on_stage + card.in_audience,
  ];
  return [...cards].sort((a, b) => {
    const [left, right] = [rank(a), rank(b)];
    for (let i = 0; i < left.length; i += 1) {
      const difference = (right[i] ?? 0) - (left[i] ?? 0);
      if (difference !== 0) return difference;
    }
    return a.room < b.room ? -1 : 1;
  });
}

export function changeHallway(cards: readonly RoomCard[], changes: readonly HallwayChange[], mine: readonly string[]): RoomCard[] {
  const byRoom = new Map(cards.map((card) => [card.room, card]));
  for (const change of changes) {
    if (change.type === "card") byRoom.set(change.card.room, change.card);
    else if (change.type === "gone") byRoom.delete(change.room);
  }
  return sortHallway([...byRoom.values()], mine);
}

/** What somebody speaks or understands. */
export function spokenBy(me: Me | null): string[] {
  return me === null ? [] : [...me.speaks, ...me.understands];
}
