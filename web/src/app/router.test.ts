import { expect, test } from "vitest";
import { href, parse, type Route, SETTINGS_TABS, TIES } from "./router";
import type { ClubId } from "../protocol/ClubId";
import type { RoomId } from "../protocol/RoomId";

const every: Route[] = [
  { at: "hallway" },
  { at: "room", room: "4f1b" as RoomId },
  { at: "people" },
  { at: "clubs" },
  { at: "new_club" },
  { at: "club", club: "7c2e" as ClubId },
  { at: "person", handle: "анна" },
  ...TIES.map((ties) => ({ at: "ties", handle: "анна", ties }) as const),
  ...SETTINGS_TABS.map((tab) => ({ at: "settings", tab }) as const),
  { at: "claim", token: "k7Qm_x-2" },
  { at: "invitation", token: "k7Qm_x-2" },
  { at: "sign_in_link", token: "k7Qm_x-2" },
];

test.each(every)("the address of $at leads back to it", (route) => {
  const [path = "", hash = ""] = href(route).split("#");
  expect(parse(path, hash === "" ? "" : `#${hash}`)).toEqual(route);
});

test("an address that means nothing is nowhere", () => {
  for (const path of ["/club", "/clubs/a/b", "/r/a/b", "/settings/money", "/x/y", "/people/ann/money", "/people/ann/followers/x", "/r/ann/followers"]) expect(parse(path).at).toBe("nowhere");
});

test("a mangled address does not throw", () => {
  expect(parse("/people/%E0%A4%A")).toEqual({ at: "person", handle: "%E0%A4%A" });
});

test("a trailing slash changes nothing", () => {
  expect(parse("/people/")).toEqual({ at: "people" });
});

test("settings without a tab open at oneself", () => {
  expect(parse("/settings")).toEqual({ at: "settings", tab: "you" });
});
