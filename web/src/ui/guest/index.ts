import type { Component } from "svelte";
import { randomId, tabStorage } from "../../app/browser";
import { Guest } from "./guest";
import GuestScreen from "./GuestScreen.svelte";

/** A guest, and all that they see. */
export type Arrived = Guest & { readonly Screen: Component };

export function arrived(guest: Guest): Arrived {
  return Object.assign(guest, { Screen: GuestScreen });
}

/** By what stood behind the `#` of the address. */
export function arrive(hash: string): Arrived {
  const guest = new Guest(hash, tabStorage(), randomId);
  // Another link in the same tab is another visit.
  addEventListener("hashchange", () => location.reload());
  return arrived(guest);
}
