// What somebody may do to whom, so that only what will work is shown. Read from the table by which the server decides.

import type { Authority } from "../../protocol/Authority";
import type { RoomCommand } from "../../protocol/RoomCommand";
import table from "../../protocol/permissions.json";

export type Action = RoomCommand["do"];
/** `room`: nobody in particular; `myself`: a command about a person, about oneself. */
export type Target = "room" | "myself" | Authority;

const TABLE: Record<Action, Partial<Record<Target, readonly string[]>>> = table;

export function may(actor: Authority, action: Action, target: Target): boolean {
  return TABLE[action][target]?.includes(actor) ?? false;
}
