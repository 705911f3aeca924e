// The hallway's order: rooms I was asked into, then those of announced events, then people I follow on stage, then those in the
// audience, then those of my clubs, then the fuller ones.

import type { HallwayChange } from "../protocol/HallwayChange";
import type { RoomCard } from "../protocol/RoomCard";

export function sortHallway(cards: readonly RoomCard[]): RoomCard[] {
  const rank = (card: RoomCard): readonly number[] => [
    card.asked_by === null ? 0 : 1,
    card.event === null ? 0 : 1,
    card.followed_on_stage,
    card.followed_in_audience,
    card.club?.mine === true ? 1 : 0,
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

export function changeHallway(cards: readonly RoomCard[], changes: readonly HallwayChange[]): RoomCard[] {
  const byRoom = new Map(cards.map((card) => [card.room, card]));
  for (const change of changes) {
    if (change.type === "card") byRoom.set(change.card.room, change.card);
    else if (change.type === "gone") byRoom.delete(change.room);
  }
  return sortHallway([...byRoom.values()]);
}
