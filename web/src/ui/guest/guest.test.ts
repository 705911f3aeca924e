import { expect, test } from "vitest";
import { Guest } from "./guest";

const ROOM = "AAAAAAAAAAAAAAAAAAAAAQ";
const LINK = "BBBBBBBBBBBBBBBBBBBBBg";
const OTHER = "CCCCCCCCCCCCCCCCCCCCCg";

/** As a tab has it. */
class Tab implements Storage {
  readonly kept = new Map<string, string>();
  get length(): number {
    return this.kept.size;
  }
  clear = (): void => this.kept.clear();
  key = (): null => null;
  getItem = (key: string): string | null => this.kept.get(key) ?? null;
  removeItem = (key: string): void => void this.kept.delete(key);
  setItem = (key: string, value: string): void => void this.kept.set(key, value);
}

const drawing = (...drawn: string[]) => () => drawn.shift() ?? "nothing more was to be drawn";

test("a page that is loaded anew is the same page, with or without the link in its address", () => {
  const tab = new Tab();
  const first = new Guest(`#${ROOM}${LINK}`, tab, drawing("page"));
  expect(first.pass).toEqual({ room: ROOM, link: LINK, page: "page" });
  expect(first.hello(), "who they are is said when they come in").toBeNull();
  first.comesAs("Sam");
  for (const hash of ["", `#${ROOM}${LINK}`]) {
    expect(new Guest(hash, tab, drawing()).hello()).toEqual({ pass: { room: ROOM, link: LINK, page: "page" }, name: "Sam" });
  }
});

test("another link is another visit, and one that is not whole is none", () => {
  const tab = new Tab();
  new Guest(`#${ROOM}${LINK}`, tab, drawing("page")).comesAs("Sam");
  const next = new Guest(`#${ROOM}${OTHER}`, tab, drawing("another"));
  expect([next.pass?.page, next.name]).toEqual(["another", null]);
  expect(new Guest(`#${ROOM}${OTHER.slice(1)}`, tab, drawing()).pass).toBeNull();
  expect(new Guest("", null, drawing()).pass).toBeNull();
});

test("nothing is in the tab after the visit", () => {
  const tab = new Tab();
  const guest = new Guest(`#${ROOM}${LINK}`, tab, drawing("page"));
  guest.comesAs("Sam");
  guest.forget();
  expect(tab.length).toBe(0);
  expect([guest.pass, guest.hello()]).toEqual([null, null]);
});

test("a seat that the tab was left with is a guest's only where they came in as one", () => {
  const sits = (room: string): Tab => {
    const tab = new Tab();
    tab.setItem("vivavoce.seat", JSON.stringify([room, "seat"]));
    return tab;
  };
  const left = (tab: Tab): boolean => tab.getItem("vivavoce.seat") !== null;
  const tab = sits(ROOM);
  new Guest(`#${ROOM}${LINK}`, tab, drawing("page")).comesAs("Sam");
  expect(left(tab), "whoever opens the link has not come in yet").toBe(false);
  tab.setItem("vivavoce.seat", JSON.stringify([ROOM, "seat"]));
  new Guest("", tab, drawing());
  expect(left(tab), "loaded anew, they come back to it").toBe(true);
  tab.setItem("vivavoce.seat", JSON.stringify([OTHER, "seat"]));
  new Guest("", tab, drawing());
  expect(left(tab), "another room's is somebody else's").toBe(false);
});
