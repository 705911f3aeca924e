// Addresses and what they mean. Pure: `navigation.svelte.ts` ties it to the browser.

import type { EventId } from "../protocol/EventId";
import type { ClubId } from "../protocol/ClubId";
import type { RoomId } from "../protocol/RoomId";

export const SETTINGS_TABS = ["you", "sound", "look", "notices", "keys", "devices", "signing-in", "invitations", "blocks", "reports", "order", "kept"] as const;
export type SettingsTab = (typeof SETTINGS_TABS)[number];

/** Those who follow somebody, and those whom they follow. */
export const TIES = ["followers", "following"] as const;
export type Ties = (typeof TIES)[number];

export type Route =
  | { readonly at: "hallway" }
  | { readonly at: "room"; readonly room: RoomId }
  | { readonly at: "events" }
  | { readonly at: "announce" }
  | { readonly at: "event"; readonly event: EventId }
  | { readonly at: "people" }
  | { readonly at: "person"; readonly handle: string }
  | { readonly at: "ties"; readonly handle: string; readonly ties: Ties }
  | { readonly at: "clubs" }
  | { readonly at: "new_club" }
  | { readonly at: "club"; readonly club: ClubId }
  | { readonly at: "settings"; readonly tab: SettingsTab }
  /** The first member, by the link that the server printed. */
  | { readonly at: "claim"; readonly token: string }
  | { readonly at: "invitation"; readonly token: string }
  | { readonly at: "sign_in_link"; readonly token: string }
  | { readonly at: "nowhere" };

/** What an address means. `hash` is with its `#`; tokens stand there because it is never sent. */
export function parse(path: string, hash = ""): Route {
  const [first, second, ...rest] = path.split("/").filter((part) => part !== "").map(decode);
  const token = decode(hash.replace(/^#/, ""));
  if (first === undefined) return { at: "hallway" };
  if (rest.length > 0) {
    const ties = TIES.find((name) => first === "people" && rest.length === 1 && name === rest[0]);
    return ties !== undefined && second !== undefined ? { at: "ties", handle: second, ties } : { at: "nowhere" };
  }
  if (second !== undefined) {
    if (first === "r") return { at: "room", room: second as RoomId };
    if (first === "e") return { at: "event", event: second as EventId };
    if (first === "events") return second === "new" ? { at: "announce" } : { at: "nowhere" };
    if (first === "people") return { at: "person", handle: second };
    if (first === "clubs") return second === "new" ? { at: "new_club" } : { at: "club", club: second as ClubId };
    const tab = SETTINGS_TABS.find((name) => name === second);
    if (first === "settings" && tab !== undefined) return { at: "settings", tab };
    return { at: "nowhere" };
  }
  switch (first) {
    case "events":
      return { at: "events" };
    case "people":
      return { at: "people" };
    case "clubs":
      return { at: "clubs" };
    case "settings":
      return { at: "settings", tab: "you" };
    case "o":
      return { at: "claim", token };
    case "i":
      return { at: "invitation", token };
    case "l":
      return { at: "sign_in_link", token };
    default:
      return { at: "nowhere" };
  }
}

/** The address of a route; the inverse of `parse`. */
export function href(route: Route): string {
  switch (route.at) {
    case "hallway":
    case "nowhere":
      return "/";
    case "room":
      return `/r/${encodeURIComponent(route.room)}`;
    case "events":
      return "/events";
    case "announce":
      return "/events/new";
    case "event":
      return `/e/${encodeURIComponent(route.event)}`;
    case "people":
      return "/people";
    case "person":
      return `/people/${encodeURIComponent(route.handle)}`;
    case "ties":
      return `/people/${encodeURIComponent(route.handle)}/${route.ties}`;
    case "clubs":
      return "/clubs";
    case "new_club":
      return "/clubs/new";
    case "club":
      return `/clubs/${encodeURIComponent(route.club)}`;
    case "settings":
      return `/settings/${route.tab}`;
    case "claim":
      return `/o#${encodeURIComponent(route.token)}`;
    case "invitation":
      return `/i#${encodeURIComponent(route.token)}`;
    case "sign_in_link":
      return `/l#${encodeURIComponent(route.token)}`;
  }
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
