// What of the room's chat somebody sees, and may take away. Pure.

import type { Authority } from "../../protocol/Authority";
import type { ChatMessage } from "../../protocol/ChatMessage";
import type { Handle } from "../../protocol/Handle";
import type { Room } from "../../session/state";

const RANK: Record<Authority, number> = { guest: 0, member: 1, moderator: 2, owner: 3 };

/** Without what those wrote whom I block. */
export function shownOf(chat: readonly ChatMessage[], blocked: ReadonlySet<Handle>): ChatMessage[] {
  return chat.filter(({ handle }) => handle === null || !blocked.has(handle));
}

/** My own, and as somebody who keeps order that of people below me; whoever is not listed is. */
export function mayTakeAway(message: ChatMessage, room: Pick<Room, "you" | "people">): boolean {
  const mine = RANK[room.you.authority];
  return message.from === room.you.id || (mine >= RANK.moderator && RANK[room.people.get(message.from)?.authority ?? "member"] < mine);
}
