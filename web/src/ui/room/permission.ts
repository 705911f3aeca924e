// What somebody may do to whom, so that only what will work is shown. The server decides by the same table.

import type { Authority } from "../../protocol/Authority";
import type { RoomCommand } from "../../protocol/RoomCommand";

export type Action = RoomCommand["do"];
/** `room`: nobody in particular; `myself`: a command about a person, about oneself. */
export type Target = "room" | "myself" | Authority;

const ORDER: readonly Action[] = ["dismiss", "move_to_audience", "mute", "hold", "release", "remove", "ban"];
const ROOM_ORDER: readonly Action[] = ["mute_all", "panic", "set_door", "set_hands", "set_title", "ask_in"];
const ROOM_OWNER: readonly Action[] = ["widen", "end", "keep_going"];
const RANK: Record<Authority, number> = { guest: 0, member: 1, moderator: 2, owner: 3 };

export function may(actor: Authority, action: Action, target: Target): boolean {
  const keepsOrder = RANK[actor] >= RANK.moderator;
  if (target === "room") {
    if (ROOM_ORDER.includes(action)) return keepsOrder;
    return ROOM_OWNER.includes(action) ? actor === "owner" : !ORDER.includes(action);
  }
  if (action === "invite_to_stage") return keepsOrder;
  if (action === "undo") return keepsOrder && target !== "owner";
  if (target === "myself") return false;
  if (ORDER.includes(action)) return keepsOrder && RANK[target] < RANK[actor];
  if (action === "make_moderator") return actor === "owner" && target === "member";
  if (action === "unmake_moderator") return actor === "owner" && target === "moderator";
  return action === "hand_over" && actor === "owner" && (target === "member" || target === "moderator");
}
