// What an owner does before people come, and what of it is done. Pure.

import type { Me } from "../../protocol/Me";

export type FirstStep = "address" | "way_back" | "people";

export interface Told {
  readonly me: Pick<Me, "passkeys" | "recovery_codes">;
  /** Where people are sent. */
  readonly publicUrl: string | null;
  /** Invitations ever made that the server still knows. */
  readonly invites: number;
}

/** In the order in which they are worth doing. */
export function firstSteps({ me, publicUrl, invites }: Told): ReadonlyMap<FirstStep, "done" | "open"> {
  const as = (done: boolean): "done" | "open" => (done ? "done" : "open");
  return new Map([
    // Browsers give the microphone to pages from https alone, but on the machine itself.
    ["address", as(publicUrl?.startsWith("https:") ?? false)],
    ["way_back", as(me.passkeys + me.recovery_codes > 0)],
    ["people", as(invites > 0)],
  ]);
}
