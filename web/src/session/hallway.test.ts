import { describe, expect, it } from "vitest";
import type { HallwayChange } from "../protocol/HallwayChange";
import type { RoomCard } from "../protocol/RoomCard";
import { changeHallway, sortHallway } from "./hallway";

const card = (room: string, more: Partial<RoomCard> = {}): RoomCard => ({
  room: room as RoomCard["room"],
  title: null,
  kind: "open",
  language: null,
  club: null,
  faces: [],
  on_stage: 1,
  in_audience: 0,
  followed_on_stage: 0,
  followed_in_audience: 0,
  liveliness: 0,
  asked_by: null,
  door: "open",
  event: null,
  ...more,
});

describe("the hallway", () => {
  it("shows rooms I was asked into first, then those of events, then people I follow on stage, then in the audience, then those of my clubs, then those in my languages, then the fuller ones", () => {
    const cards = [
      card("small"),
      card("full", { in_audience: 40 }),
      card("in Dutch", { language: "nl" }),
      card("in Latin", { language: "la", in_audience: 3 }),
      card("my club", { club: { mine: true } as never }),
      card("a club", { club: { mine: false } as never }),
      card("friends listen", { followed_in_audience: 3 }),
      card("friends", { followed_on_stage: 1 }),
      card("announced", { event: "e" as never }),
      card("asked", { asked_by: "Ann" as never }),
    ];
    expect(sortHallway(cards, ["en", "nl"]).map(({ room }) => room)).toEqual(["asked", "announced", "friends", "friends listen", "my club", "in Dutch", "full", "in Latin", "a club", "small"]);
  });

  it("changes and loses cards by room", () => {
    const next = changeHallway(
      [card("a"), card("b")],
      [
        { type: "gone", room: "a" as never },
        { type: "card", card: card("b", { in_audience: 3 }) },
      ],
      [],
    );
    expect(next).toHaveLength(1);
    expect(next[0]?.in_audience).toBe(3);
  });

  it("keeps a card of which something is said that only a newer server knows", () => {
    const cards = [card("a"), card("b")];
    const told = { type: "renamed", room: "a", title: "Tea" } as unknown as HallwayChange;
    expect(changeHallway(cards, [told], [])).toEqual(cards);
  });
});
