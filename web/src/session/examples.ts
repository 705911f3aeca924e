import examples from "../../../crates/protocol/fixtures/server.json";
import type { RoomView } from "../protocol/RoomView";
import type { ServerMessage } from "../protocol/ServerMessage";

/** One example of every message of the server, for tests. */
export const FIXTURES = examples as unknown as ServerMessage[];

export function fixture<T extends ServerMessage["type"]>(type: T): Extract<ServerMessage, { type: T }> {
  const found = FIXTURES.find((message): message is Extract<ServerMessage, { type: T }> => message.type === type);
  if (found === undefined) throw new Error(`no example of ${type}`);
  return found;
}

/** A room as somebody in its audience sees it. */
export const VIEW: RoomView = fixture("entered").view;

export const onStage = (mic: "open" | "muted" | "held"): RoomView => ({
  ...VIEW,
  you: { ...VIEW.you, place: { at: "stage", mic } },
});
