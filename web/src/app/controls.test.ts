import { beforeEach, expect, test } from "vitest";
import type { RoomView } from "../protocol/RoomView";
import { VIEW } from "../session/examples";
import { settle, TestWorld } from "../session/world";
import { Controls } from "./controls.svelte";
import { Live } from "./live.svelte";
import type { Next } from "./navigation.svelte";
import type { Route } from "./router";

const OTHER: RoomView = { ...VIEW, room: "bmV4dCBkb29yIHBsZWFzZQ" as never };
/** Mine alone to keep in order, with others in it. */
const MINE: RoomView = {
  ...VIEW,
  you: { ...VIEW.you, authority: "owner" },
  people: VIEW.people.map((person) => ({ ...person, authority: person.id === VIEW.you.id ? "owner" : "member" })),
};

let world: TestWorld;
let controls: Controls;
let route: Route;
beforeEach(() => {
  world = new TestWorld();
  route = { at: "hallway" };
  const nav = {
    get route(): Route {
      return route;
    },
    go(next: Route): Next {
      route = next;
      return "shown";
    },
  };
  controls = new Controls(world.session, new Live(world.session), nav);
});

const asked = (): unknown => world.socket.last("enter_room")?.room;
const letsIn = (view: RoomView): void => world.socket.says({ type: "entered", request: world.socket.last("enter_room")?.request, view, answer: "answer", seat: "seat" });

test("whoever is needed by nobody goes from room to room without a question", async () => {
  await world.enters(VIEW);
  void controls.enter(OTHER.room);
  await settle();
  expect([controls.handingOver, asked(), route]).toEqual(["no", OTHER.room, { at: "room", room: OTHER.room }]);
});

test("whoever keeps order last is asked who does so afterwards, before they go into another room", async () => {
  await world.enters(MINE);
  const going = controls.enter(OTHER.room);
  await settle();
  expect([controls.handingOver, asked(), route]).toEqual(["asked", MINE.room, { at: "hallway" }]);
  controls.handOver("goes");
  await settle();
  letsIn(OTHER);
  await going;
  expect(controls.handingOver).toBe("no");
  expect(world.session.state.room?.room).toBe(OTHER.room);
});

test("whoever keeps order last and thinks better of it is where they were", async () => {
  await world.enters(MINE);
  const going = controls.enter(OTHER.room);
  await settle();
  controls.handOver("stays");
  await going;
  expect([asked(), route, world.session.state.room?.room]).toEqual([MINE.room, { at: "hallway" }, MINE.room]);
  const starting = controls.start({ title: null } as never);
  expect(controls.handingOver).toBe("asked");
  controls.handOver("stays");
  expect(await starting).toBeNull();
  expect(world.socket.last("start_room")).toBeUndefined();
});

test("whoever ends their room sees it end, or goes on at once when they were on their way", async () => {
  await world.enters(MINE);
  const leaving = controls.leave();
  controls.handOver("ended");
  await leaving;
  expect(world.session.state.room?.room).toBe(MINE.room);
  void controls.enter(OTHER.room);
  controls.handOver("ended");
  await settle();
  expect(asked()).toBe(OTHER.room);
});
