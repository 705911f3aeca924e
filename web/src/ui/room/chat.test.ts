import { expect, test } from "vitest";
import type { ChatId } from "../../protocol/ChatId";
import type { ChatMessage } from "../../protocol/ChatMessage";
import { id, ME_ID, onStage, person } from "../gallery/people";
import { mayTakeAway, shownOf } from "./chat";

const wrote = (from: ReturnType<typeof person>, nth: number): ChatMessage => ({ id: nth as ChatId, from: from.id, name: from.name, handle: from.handle, text: "hello", at: 0 });
const people = [onStage(1, "Marta", "open", "owner"), person(21, "Nadia"), person(22, "Noor", { handle: null, authority: "guest" }), person(ME_ID, "Ann")];
const chat = people.map(wrote);

test("what people wrote whom I block is not shown, and a guest without a handle is nobody whom I block", () => {
  expect(shownOf(chat, new Set(["marta"])).map(({ name }) => name)).toEqual(["Nadia", "Noor", "Ann"]);
  expect(shownOf(chat, new Set())).toHaveLength(4);
});

test("my own words I take away myself, and those below them those who keep order, listed or not", () => {
  const as = (authority: "member" | "moderator") => ({
    you: { id: ME_ID, authority, place: { at: "audience" as const }, bans_from_club: false, may_raise_hand: true, asked_to_take_over: null, note: { topic: null, language: null } },
    people: new Map(people.filter((one) => one.id !== id(21)).map((one) => [one.id, one])),
  });
  const taken = (authority: "member" | "moderator"): string[] => chat.filter((message) => mayTakeAway(message, as(authority))).map(({ name }) => name);
  expect(taken("member")).toEqual(["Ann"]);
  expect(taken("moderator")).toEqual(["Nadia", "Noor", "Ann"]);
});
