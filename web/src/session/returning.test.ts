import { beforeEach, describe, expect, it } from "vitest";
import type { RoomView } from "../protocol/RoomView";
import type { SeatToken } from "../protocol/SeatToken";
import { onStage, VIEW } from "./examples";
import { settle, TestWorld } from "./world";

const next = (events: readonly object[]): object => {
  const sequence = (world.session.state.room?.sequence ?? 0) + 1;
  return { type: "room", room: VIEW.room, epoch: 1, sequence, events };
};

let world: TestWorld;
beforeEach(() => {
  world = new TestWorld();
});

describe("a guest", () => {
  it.each(["bad_name", "malformed", "full", "too_many", "old_client", "link_spent"] as const)("who is not let in (%s) knocks once", async (error) => {
    world.guest = { name: "Sam", pass: { room: VIEW.room, link: "link" as never, page: "page" as never } };
    world.session.open();
    world.socket.opens();
    world.socket.says({ type: "failed", request: null, error });
    expect(world.session.state.line).toEqual({ is: "refused", why: error });
    await world.passes(60_000);
    expect(world.sockets).toHaveLength(1);
    world.session.open();
    expect(world.sockets, "and again when they say so").toHaveLength(2);
  });

  it("who is in hears of what went wrong there, and stays", async () => {
    world.guest = { name: "Sam", pass: { room: VIEW.room, link: "link" as never, page: "page" as never } };
    await world.enters(VIEW);
    world.socket.says({ type: "failed", request: null, error: "malformed" });
    expect(world.session.state.line.is).toBe("open");
  });
});

describe("coming back", () => {
  it("keeps the sound when only the socket was lost", async () => {
    await world.enters(VIEW);
    world.socket.falls();
    expect(world.session.state.line.is).toBe("lost");
    await world.passes(1_000);
    await world.arrives();
    const back = world.socket.last("enter_room");
    expect(back).toMatchObject({ room: VIEW.room, seat: "seat", offer: null });
    expect(world.peers).toHaveLength(1);
    expect(world.peer.closed).toBe(false);
  });

  it("brings a fresh connection to a server that was restarted, and drops the old one when the new one stands", async () => {
    await world.enters(VIEW);
    world.socket.falls();
    await world.passes(1_000);
    await world.arrives("second");
    const back = world.socket.last("enter_room");
    expect(back?.offer).toBe("offer-2");
    world.socket.says({ type: "entered", request: back?.request, view: VIEW, answer: "again", seat: "seat-2" });
    await settle();
    expect(world.peers[0]?.closed).toBe(false);
    world.peer.connects();
    expect(world.peers[0]?.closed).toBe(true);
    expect(world.session.state.room?.media.is).toBe("live");
  });

  it("replaces a broken media connection while the socket stands", async () => {
    await world.enters(VIEW);
    world.peer.breaks();
    await settle();
    expect(world.session.state.room?.media.is).toBe("lost");
    const fresh = world.socket.last("media");
    expect(fresh?.offer).toBe("offer-2");
    world.socket.says({ type: "answer", request: fresh?.request, answer: "fresh" });
    await settle();
    world.peer.connects();
    expect(world.session.state.room?.media.is).toBe("live");
  });

  it.each([0, 1])("begins with those on stage, at once; listeners come after them, spread out (chance %d)", async (chance) => {
    world.chance = chance;
    await world.enters(onStage("muted"));
    world.socket.falls();
    await world.passes(0);
    expect(world.sockets).toHaveLength(2);

    world = new TestWorld();
    world.chance = chance;
    await world.enters(VIEW);
    world.socket.falls();
    await world.passes(chance === 0 ? 299 : 1_599);
    expect(world.sockets).toHaveLength(1);
    await world.passes(1);
    expect(world.sockets).toHaveLength(2);
  });

  it.each([0, 1])("asks a busy server for a seat on stage before any listener does (chance %d)", async (chance) => {
    const asksAgainWithin = async (view: RoomView, ms: number): Promise<boolean> => {
      world = new TestWorld();
      await world.enters(view);
      world.socket.falls();
      await world.passes(1_000);
      await world.arrives("second");
      world.chance = chance;
      const { request } = world.socket.last("enter_room") ?? {};
      world.socket.says({ type: "failed", request, error: "busy" });
      await world.passes(ms);
      return world.socket.last("enter_room")?.request !== request;
    };
    expect(await asksAgainWithin(onStage("muted"), 450)).toBe(true);
    expect(await asksAgainWithin(VIEW, 499)).toBe(false);
    expect(await asksAgainWithin(VIEW, 1_500)).toBe(true);
  });

  it("notices a dead path within two seconds, keeps stage and microphone, and is heard on a fresh connection", async () => {
    await world.speaks(onStage("open"));
    world.socket.says(next([{ type: "slots", slots: [VIEW.you.id, 7, null] }]));
    await world.passes(6_000);
    expect(world.peers).toHaveLength(1);
    world.peer.path = "dead";
    await world.passes(2_300);
    expect(world.session.state.room?.media.is).toBe("lost");
    const fresh = world.socket.last("media");
    expect(fresh?.offer).toBe("offer-2");
    world.socket.says({ type: "answer", request: fresh?.request, answer: "fresh" });
    await settle();
    expect(world.peers[0]?.closed, "it may still come back").toBe(false);
    expect(world.peer.sent).toBe(world.microphone.sent);
    world.peer.connects();
    expect(world.peers[0]?.closed).toBe(true);
    expect(world.session.state.room).toMatchObject({ media: { is: "live" }, you: { place: { at: "stage", mic: "open" } } });
    expect(world.microphones).toHaveLength(1);
    expect(world.microphone.sent.enabled).toBe(true);
  });

  it("waits for nothing while nobody speaks, and believes a path that comes back", async () => {
    await world.enters({ ...VIEW, slots: [null, null, null] });
    world.peer.path = "dead";
    await world.passes(8_000);
    world.socket.says({ type: "pong" });
    expect(world.session.state.room?.media.is).toBe("live");
    world.socket.says(next([{ type: "slots", slots: [7, null, null] }]));
    await world.passes(2_300);
    expect(world.session.state.room?.media.is).toBe("lost");
    const [first] = world.peers;
    if (first !== undefined) first.path = "alive";
    await world.passes(200);
    expect(world.session.state.room?.media.is).toBe("live");
  });

  it("builds a fresh connection beside one that the browser doubts, and another when that one fails", async () => {
    await world.enters(VIEW);
    world.peer.disconnects();
    world.peer.path = "dead";
    await world.passes(1_200);
    const first = world.socket.last("media");
    world.socket.says({ type: "answer", request: first?.request, answer: "fresh" });
    await settle();
    world.peer.breaks();
    await settle();
    expect(world.peers[0]?.closed).toBe(false);
    expect(world.socket.last("media")?.offer).toBe("offer-3");
  });

  it("keeps a connection that the browser calls disconnected while voices come on it", async () => {
    await world.enters({ ...VIEW, slots: [7 as never, null, null] });
    world.peer.disconnects();
    for (let second = 0; second < 10; second += 1) {
      await world.passes(1_000);
      world.socket.says({ type: "pong" });
    }
    expect(world.peers).toHaveLength(1);
    expect(world.session.state.room?.media.is).toBe("live");
    world.peer.path = "dead";
    await world.passes(1_200);
    expect(world.session.state.room?.media.is).toBe("lost");
    expect(world.socket.last("media")?.offer).toBe("offer-2");
  });

  it("comes back by a new socket when the whole network went away without a word", async () => {
    await world.enters({ ...VIEW, slots: [7 as never, null, null] });
    world.peer.path = "dead";
    // What is asked in doubt is not answered.
    await world.passes(5_000);
    expect(world.sockets).toHaveLength(2);
    await world.arrives();
    expect(world.socket.last("enter_room")?.offer).not.toBeNull();
    world.seats(VIEW, "again");
    await settle();
    world.peer.connects();
    expect(world.session.state.room?.media.is).toBe("live");
  });

  it("keeps a socket that answers when it is doubted", async () => {
    await world.enters({ ...VIEW, slots: [7 as never, null, null] });
    world.peer.path = "dead";
    await world.passes(2_300);
    expect(world.socket.last("ping")).toBeDefined();
    world.socket.says({ type: "pong" });
    await world.passes(3_000);
    expect(world.sockets).toHaveLength(1);
  });

  it("tries again while a server that has just started is busy", async () => {
    await world.enters(VIEW);
    world.socket.falls();
    await world.passes(1_000);
    await world.arrives("second");
    world.socket.says({ type: "failed", request: world.socket.last("enter_room")?.request, error: "busy" });
    await settle();
    await world.passes(1_000);
    const again = world.socket.last("enter_room");
    expect(again?.offer).toBe("offer-3");
    world.socket.says({ type: "entered", request: again?.request, view: VIEW, answer: "again", seat: "seat-2" });
    await settle();
    world.peer.connects();
    expect(world.session.state.room?.media.is).toBe("live");
  });

  it("brings a fresh connection when the server has given the old one up", async () => {
    await world.enters(VIEW);
    world.socket.falls();
    await world.passes(1_000);
    await world.arrives();
    world.socket.says({ type: "failed", request: world.socket.last("enter_room")?.request, error: "bad_offer" });
    await settle();
    expect(world.socket.last("enter_room")?.offer).toBe("offer-2");
  });

  it("is not undone by a state that was on its way when the person left", async () => {
    await world.enters(VIEW);
    world.session.leave();
    world.socket.says({ type: "state", view: VIEW });
    expect(world.session.state.room).toBeNull();
  });

  it("gives a seat back that came after the person had given up", async () => {
    await world.arrives();
    void world.session.enterRoom(VIEW.room);
    await settle();
    const request = world.socket.last("enter_room")?.request;
    await world.passes(4_000);
    world.socket.says({ type: "pong" });
    await world.passes(4_000);
    world.socket.says({ type: "pong" });
    await world.passes(3_000);
    world.socket.says({ type: "entered", request, view: VIEW, answer: "late", seat: "seat" });
    expect(world.socket.last("leave")).toBeDefined();
    expect(world.session.state.room).toBeNull();
  });

  it.each([
    ["person_gone", "away"],
    ["not_now", "other_device"],
  ] as const)("takes no seat by itself that is not the same any more: %s", async (error, reason) => {
    await world.enters(VIEW);
    world.socket.falls();
    await world.passes(1_000);
    await world.arrives();
    world.socket.says({ type: "failed", request: world.socket.last("enter_room")?.request, error });
    await settle();
    expect(world.session.state.left?.reason).toBe(reason);
    expect(world.peer.closed).toBe(true);
    expect(world.keptSeat).toBeNull();
  });

  it("says that the room is gone when it is", async () => {
    await world.enters(VIEW);
    world.socket.falls();
    await world.passes(1_000);
    await world.arrives("second");
    world.socket.says({ type: "failed", request: world.socket.last("enter_room")?.request, error: "not_there" });
    await settle();
    expect(world.session.state.room).toBeNull();
    expect(world.session.state.left?.reason).toBe("ended");
  });

  it("notices a line that is silent without having closed", async () => {
    await world.arrives();
    await world.passes(20_000);
    expect(world.sockets.length).toBeGreaterThan(1);
  });

  it("takes the silence of a page that stood still for its own, and asks before it gives the line up", async () => {
    await world.enters(VIEW);
    await world.passes(1_000);
    await world.standsStill(11_000);
    expect(world.socket.last("ping"), "it asks").toBeDefined();
    // Again, before the answer was read.
    await world.standsStill(13_000);
    world.socket.says({ type: "pong" });
    await world.passes(3_000);
    expect(world.sockets).toHaveLength(1);
    expect(world.session.state.line.is).toBe("open");
  });

  it("gives a line up that does not answer a page that stood still", async () => {
    await world.enters(VIEW);
    await world.standsStill(60_000);
    await world.passes(5_000);
    expect(world.sockets.length).toBeGreaterThan(1);
  });

  it("waits a little longer each time, and not at all when the browser is online again", async () => {
    await world.arrives();
    for (let fall = 0; fall < 6; fall += 1) {
      world.socket.falls();
      await world.passes(5_000);
    }
    const before = world.sockets.length;
    world.socket.falls();
    world.session.hurry();
    expect(world.sockets.length).toBe(before + 1);
  });

  it("stops trying when the device was signed out", async () => {
    await world.enters(VIEW);
    world.signedIn = false;
    world.socket.falls();
    await settle();
    expect(world.session.state.line).toEqual({ is: "refused", why: "signed_out" });
    expect(world.session.state.room).toBeNull();
    expect(world.peer.closed).toBe(true);
  });
});

describe("over a reload", () => {
  const SEAT = { room: VIEW.room, seat: "kept" as SeatToken };

  it("the tab keeps the seat for as long as its owner is on it", async () => {
    await world.enters(VIEW);
    expect(world.keptSeat).toEqual({ room: VIEW.room, seat: "seat" });
    world.session.leave();
    expect(world.keptSeat).toBeNull();
  });

  it("the server is told that the page goes, and the tab keeps the seat for its next one", async () => {
    await world.enters(VIEW);
    world.session.goAway();
    expect(world.socket.said.at(-1)).toEqual({ type: "away" });
    expect(world.keptSeat?.seat).toBe("seat");
  });

  it("the seat is taken again, with a fresh connection, and the microphone is shut for everybody", async () => {
    world.session.open();
    world.session.returnTo(SEAT);
    expect(world.session.state.entering).toBe(VIEW.room);
    await world.arrives();
    expect(world.socket.last("enter_room")).toMatchObject({ room: VIEW.room, seat: "kept", offer: "offer-1" });
    world.seats(onStage("open"), "answer");
    await settle();
    world.peer.connects();
    expect(world.session.state.entering).toBeNull();
    expect(world.session.state.room?.media.is).toBe("live");
    expect(world.socket.said.filter(({ type }) => type === "enter_room")).toHaveLength(1);
    expect(world.peers).toHaveLength(1);
    expect(world.microphones).toHaveLength(0);
    expect(world.socket.last("command")?.command).toEqual({ do: "set_mic", mic: "muted" });
  });

  it("a seat that does not stand any more leaves one at the door, and nothing is played", async () => {
    world.session.open();
    world.session.returnTo(SEAT);
    await world.arrives();
    world.socket.says({ type: "failed", request: world.socket.last("enter_room")?.request, error: "person_gone" });
    await settle();
    expect(world.session.state).toMatchObject({ entering: null, room: null, left: null });
    expect(world.peer.closed).toBe(true);
    expect(world.keptSeat).toBeNull();
  });

  it("a server that is busy is asked again, for as long as it keeps seats", async () => {
    world.session.open();
    world.session.returnTo(SEAT);
    await world.arrives();
    const busy = async (): Promise<void> => {
      world.socket.says({ type: "pong" });
      world.socket.says({ type: "failed", request: world.socket.last("enter_room")?.request, error: "busy" });
      await settle();
      await world.passes(1_000);
    };
    await busy();
    expect(world.session.state.entering).toBe(VIEW.room);
    for (let second = 0; second < 31; second += 1) await busy();
    expect(world.session.state.entering).toBeNull();
  });

  it("a line that falls on the way is tried again", async () => {
    world.session.open();
    world.session.returnTo(SEAT);
    await world.arrives();
    world.socket.falls();
    await world.passes(1_000);
    await world.arrives();
    world.seats(VIEW, "answer");
    await settle();
    expect(world.session.state.room?.room).toBe(VIEW.room);
  });

  it("whoever goes elsewhere meanwhile is not fetched back", async () => {
    world.session.open();
    world.session.returnTo(SEAT);
    await world.arrives();
    const other = { ...VIEW, room: "other" as RoomView["room"] };
    const late = world.socket.last("enter_room")?.request;
    const entering = world.session.enterRoom(other.room);
    await settle();
    world.socket.says({ type: "entered", request: late, view: VIEW, answer: "late", seat: "kept" });
    world.seats(other, "answer");
    await entering;
    expect(world.session.state.room?.room).toBe("other");
  });
});
