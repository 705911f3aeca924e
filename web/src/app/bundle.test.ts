import { describe, expect, test } from "vitest";
import { VIEW } from "../session/examples";
import { fromView } from "../session/room";
import type { SessionState } from "../session/state";
import { Bundle, isOld } from "./bundle";

const inRoom = fromView(VIEW, null);

function tab(): Pick<Storage, "getItem" | "setItem"> {
  const kept = new Map<string, string>();
  return { getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => void kept.set(key, value) };
}
const between = (bundle: string): Pick<SessionState, "server" | "room" | "entering"> => ({
  server: { name: "Kitchen Radio", sandbox: "full", bundle },
  room: null,
  entering: null,
});

describe("a page whose server has another build", () => {
  test("is left behind at the next step between rooms, once", () => {
    const storage = tab();
    expect(new Bundle("old", storage).next(between("new"))).toBe("loaded");
    // Somebody between the two may have kept the old page.
    expect(new Bundle("old", storage).next(between("new"))).toBe("shown");
    expect(new Bundle("old", storage).next(between("newer"))).toBe("loaded");
  });

  test("is kept in a room, and on the way into one, however often its person goes from screen to screen", () => {
    const bundle = new Bundle("old", tab());
    expect(bundle.next({ ...between("new"), room: inRoom })).toBe("shown");
    expect(bundle.next({ ...between("new"), entering: inRoom.room })).toBe("shown");
    expect(bundle.next(between("new")), "and left behind once they are out").toBe("loaded");
  });

  test("is kept where no tab can remember that it was loaded anew", () => {
    expect(new Bundle("old", null).next(between("new"))).toBe("shown");
    const full = { getItem: () => null, setItem: () => { throw new Error("full"); } };
    expect(new Bundle("old", full).next(between("new"))).toBe("shown");
  });
});

test("a page of the same build, of no build, or before its server is known is not old", () => {
  expect(new Bundle("same", tab()).next(between("same"))).toBe("shown");
  expect(new Bundle(null, tab()).next(between("new"))).toBe("shown");
  expect(new Bundle("old", tab()).next({ ...between("new"), server: null })).toBe("shown");
  expect([isOld("old", between("new")), isOld("same", between("same")), isOld("old", { server: null })]).toEqual([true, false, false]);
});
