import type { Component } from "svelte";
import { randomId, tabStorage } from "../../app/browser";
import { Guest } from "./guest";
import GuestScreen from "./GuestScreen.svelte";

/** A guest, and all that they see. */
export type Arrived = Guest & { readonly Screen: Component };

export function arrived(guest: Guest): Arrived {
  return Object.assign(guest, { Screen: GuestScreen });
}

/** By the link in the address, which does not stay there: others may see it, and a page that is left is found again. */
export function arrive(): Arrived {
  const guest = new Guest(location.hash, tabStorage(), randomId);
  history.replaceState({}, "", "/g");
  // Another link in the same tab is another visit.
  addEventListener("hashchange", () => location.reload());
  return arrived(guest);
}
