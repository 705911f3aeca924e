import { expect, test } from "vitest";
import { may } from "./permission";

test("moderators act on members and guests, never on each other or the owner", () => {
  for (const action of ["mute", "hold", "time_out", "remove", "ban", "move_to_audience"] as const) {
    expect(may("moderator", action, "member"), action).toBe(true);
    expect(may("moderator", action, "guest"), action).toBe(true);
    expect(may("moderator", action, "moderator"), action).toBe(false);
    expect(may("moderator", action, "owner"), action).toBe(false);
    expect(may("owner", action, "moderator"), action).toBe(true);
    expect(may("member", action, "member"), action).toBe(false);
  }
});

test("nobody acts on themselves, but whoever keeps order may come up", () => {
  expect(may("owner", "remove", "myself")).toBe(false);
  expect(may("moderator", "invite_to_stage", "myself")).toBe(true);
  expect(may("member", "invite_to_stage", "myself")).toBe(false);
});

test("only the owner ends and widens; a moderator hands over to nobody who keeps order", () => {
  for (const action of ["end", "widen", "keep_going"] as const) {
    expect(may("owner", action, "room"), action).toBe(true);
    expect(may("moderator", action, "room"), action).toBe(false);
  }
  expect(may("owner", "hand_over", "member")).toBe(true);
  expect(may("owner", "hand_over", "guest")).toBe(false);
  expect(may("moderator", "hand_over", "member")).toBe(true);
  expect(may("moderator", "hand_over", "moderator")).toBe(false);
});
