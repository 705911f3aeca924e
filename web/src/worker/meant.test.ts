import { expect, test } from "vitest";
import { meant } from "./meant";

test("a bell is turned off for that person, and what anybody may do for everybody", () => {
  expect(meant('{"kind":"bell","from":"ann"}')).toEqual({ kind: "bell", from: "ann", off: "/api/v1/people/ann/bell" });
  expect(meant('{"kind":"bell","from":null}')).toEqual({ kind: "bell", from: null, off: "/api/v1/push/kinds/bell" });
  expect(meant('{"kind":"ask","from":"ann"}')).toEqual({ kind: "ask", from: "ann", off: "/api/v1/push/kinds/ask" });
  expect(meant('{"kind":"event_off","from":"ann"}')).toEqual({ kind: "event_off", from: "ann", off: "/api/v1/push/kinds/event_off" });
  expect(meant('{"kind":"trial","from":null}')).toEqual({ kind: "trial", from: null, off: null });
});

test("a handle cannot lead anywhere else", () => {
  expect(meant('{"kind":"bell","from":"../signout?"}')?.off).toBe("/api/v1/people/..%2Fsignout%3F/bell");
});

test("what is not understood is something, and never an error", () => {
  for (const text of ["", "null", "7", "{", "{}", '{"kind":"later"}', '{"kind":7,"from":"ann"}']) expect(meant(text)).toBeNull();
});
