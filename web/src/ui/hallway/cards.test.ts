import { expect, test } from "vitest";
import type { Face } from "../../protocol/Face";
import type { RoomCard } from "../../protocol/RoomCard";
import type { RoomId } from "../../protocol/RoomId";
import { cardTitle, plain, settle, whoText } from "./cards";

const face = (name: string, speaking = false): Face => ({ name, handle: name.toLowerCase(), speaking, picture: null });
const card = (room: string): RoomCard => ({
  room: room as RoomId,
  title: room,
  kind: "open",
  club: null,
  faces: [],
  on_stage: 1,
  language: null,
  in_audience: 0,
  followed_on_stage: 0,
  followed_in_audience: 0,
  liveliness: 0,
  asked_by: null,
  door: "open",
  event: null,
});

test("a card says who speaks", () => {
  expect(plain(whoText([face("Marta", true), face("Jo", true), face("Lea")]))).toBe("Marta and Jo are speaking");
  expect(plain(whoText([face("Jo", true), face("Teun"), face("Nadia")]))).toBe("Jo is speaking, with Teun and Nadia");
  expect(plain(whoText([face("Ann"), face("Bo")]))).toBe("Ann and Bo, in a pause");
  expect(plain(whoText([]))).toBe("The stage is free");
});

test("a room without a title is called after who is in it", () => {
  expect(plain(cardTitle({ title: null, faces: [face("Ann"), face("Bo")] }))).toBe("With Ann and Bo");
  expect(cardTitle({ title: null, faces: [] })).toBe("Nobody on stage yet");
  expect(cardTitle({ title: "Tea", faces: [face("Ann")] })).toBe("Tea");
});

test("at the top every change shows at once", () => {
  const shown = settle([card("a"), card("b")], ["b" as RoomId], "top");
  expect(shown.cards.map(({ room }) => room)).toEqual(["a", "b"]);
  expect(shown.waiting).toBe(0);
});

test("further down new rooms wait and known ones stay where they are", () => {
  const known = ["a", "b", "c"] as RoomId[];
  const shown = settle([card("new"), card("c"), card("a")], known, "further");
  expect(shown.cards.map(({ room }) => room)).toEqual(["a", "c"]);
  expect(shown.waiting).toBe(1);
});
