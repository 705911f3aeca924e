import type { Handle } from "../protocol/Handle";
import type { PushKind } from "../protocol/PushKind";

/** What a message means, and where it is turned off. */
export interface Meant {
  readonly kind: PushKind;
  readonly from: Handle | null;
  readonly off: string | null;
}

const KINDS: readonly PushKind[] = ["bell", "ask", "event_soon", "event_named", "event_changed", "event_off", "trial"];

/** Null for what cannot be read: a newer server may say more than this worker knows. */
export function meant(text: string): Meant | null {
  let said: unknown;
  try {
    said = JSON.parse(text);
  } catch {
    return null;
  }
  if (said === null || typeof said !== "object" || !("kind" in said)) return null;
  const kind = KINDS.find((known) => known === said.kind);
  if (kind === undefined) return null;
  const from = "from" in said && typeof said.from === "string" ? said.from : null;
  return { kind, from, off: offAt(kind, from) };
}

function offAt(kind: PushKind, from: Handle | null): string | null {
  if (kind === "trial") return null;
  if (kind === "bell" && from !== null) return `/api/v1/people/${encodeURIComponent(from)}/bell`;
  return `/api/v1/push/kinds/${kind}`;
}
