import { beforeEach, describe, expect, it } from "vitest";
import examples from "../../../crates/protocol/fixtures/server.json";
import type { ParticipantId } from "../protocol/ParticipantId";
import type { Person } from "../protocol/Person";
import type { RoomView } from "../protocol/RoomView";
import type { SeatToken } from "../protocol/SeatToken";
import type { ServerMessage } from "../protocol/ServerMessage";
import { settle, TestWorld } from "./world";

const FIXTURES = examples as unknown as ServerMessage[];

function fixture<T extends ServerMessage["type"]>(type: T): Extract<ServerMessage, { type: T }> {
  const found = FIXTURES.find((message): message is Extract<ServerMessage, { type: T }> => message.type === type);
  if (found === undefined) throw new Error(`no example of ${type}`);
  return found;
}

const VIEW: RoomView = fixture("entered").view;
const INVITED: RoomView = { ...VIEW, you: { ...VIEW.you, place: { at: "invited", by: 7 as never, until: 0 } } };
const onStage = (mic: "open" | "muted" | "held"): RoomView => ({
  ...VIEW,
  you: { ...VIEW.you, place: { at: "stage", mic } },
});

const next = (events: readonly object[]): object => {
  const sequence = (world.session.state.room?.sequence ?? 0) + 1;
  return { type: "room", room: VIEW.room, epoch: 1, sequence, events };
};
const you = (you: RoomView["you"]): object => next([{ type: "you", you }]);

let world: TestWorld;
beforeEach(() => {
  world = new TestWorld();
});

describe("the contract", () => {
  it("takes every message that the server can say, and what it does not know yet", async () => {
    await world.enters(VIEW);
    for (const message of FIXTURES.filter(({ type }) => type !== "left")) world.socket.says(message);
    world.socket.says({ type: "confetti", colour: "orange" });
    world.socket.onmessage?.({ data: "not json" } as MessageEvent);
    await settle();
    expect(world.session.state.room?.slots).toEqual(VIEW.slots);
    world.socket.says(fixture("left"));
    expect(world.session.state.left?.reason).toBe("removed");
  });
});

describe("in a room", () => {
  it("asks for the state again when an event was missed", async () => {
    await world.enters(VIEW);
    world.socket.says({ type: "room", room: VIEW.room, epoch: 1, sequence: VIEW.sequence + 2, events: [] });
    expect(world.socket.last("resync")).toBeDefined();
    expect(world.session.state.room?.sequence).toBe(VIEW.sequence);
  });

  it("does nothing twice when an event comes twice", async () => {
    await world.enters(VIEW);
    const gone = { type: "room", room: VIEW.room, epoch: 1, sequence: VIEW.sequence + 1, events: [{ type: "gone", id: 7 }] };
    world.socket.says(gone);
    world.socket.says({ ...gone, events: [{ type: "gone", id: 9 }] });
    expect([...(world.session.state.room?.people.keys() ?? [])]).toEqual([9]);
  });

  it("has no packet and no microphone left after leaving", async () => {
    await world.enters(onStage("muted"));
    void world.session.setMic("open");
    await settle();
    world.session.leave();
    expect(world.peer.closed).toBe(true);
    expect(world.microphone.closed).toBe(true);
    expect(world.socket.last("leave")).toBeDefined();
    expect(world.session.state.room).toBeNull();
  });
});

describe("the microphone", () => {
  it("is asked for only on the way up, and arrives muted", async () => {
    await world.enters(INVITED);
    expect(world.microphones).toHaveLength(0);
    const coming = world.session.comeUp();
    await settle();
    const command = world.socket.last("command");
    expect(command?.command.do).toBe("accept_invitation");
    world.socket.says({ type: "command", result: { id: command?.id, error: null } });
    expect(await coming).toEqual({ ok: true });
    expect(world.microphone.sent.enabled).toBe(false);
  });

  it("that the person refuses leaves them in the audience, and the room is not asked", async () => {
    await world.enters(INVITED);
    world.microphoneAnswer = "denied";
    expect((await world.session.comeUp()).ok).toBe(false);
    expect(world.session.state.room?.microphone).toEqual({ is: "denied" });
    expect(world.socket.last("command")).toBeUndefined();
  });

  it("can be tried by whoever is asked up, says nothing to the room, and is the one they come up with", async () => {
    await world.enters(INVITED);
    expect(await world.session.tryMicrophone()).toBe(true);
    expect(world.microphone.sent.enabled).toBe(false);
    expect(world.socket.last("command")).toBeUndefined();
    void world.session.comeUp();
    await settle();
    expect(world.socket.last("command")?.command.do).toBe("accept_invitation");
    expect(world.microphones).toHaveLength(1);
  });

  it("that was tried is closed when the answer is no, or comes too late", async () => {
    await world.enters(INVITED);
    await world.session.tryMicrophone();
    world.socket.says(you(VIEW.you));
    expect(world.microphone.closed).toBe(true);
    expect(await world.session.tryMicrophone(), "nobody in the audience needs one").toBe(false);
    expect(world.microphones).toHaveLength(1);
  });

  it("closes at once when muted, before any answer", async () => {
    await world.enters(onStage("muted"));
    void world.session.setMic("open");
    await settle();
    expect(world.microphone.sent.enabled).toBe(false);
    world.socket.says({
      type: "room", room: VIEW.room, epoch: 1, sequence: VIEW.sequence + 1,
      events: [{ type: "you", you: onStage("open").you }],
    });
    expect(world.microphone.sent.enabled).toBe(true);
    void world.session.setMic("muted");
    expect(world.microphone.sent.enabled).toBe(false);
  });

  it("is closed by a moderator's mute, and by a hold whatever was wished", async () => {
    await world.enters(onStage("open"));
    void world.session.setMic("open");
    await settle();
    world.socket.says({
      type: "room", room: VIEW.room, epoch: 1, sequence: VIEW.sequence + 1,
      events: [{ type: "you", you: onStage("held").you }],
    });
    expect(world.microphone.sent.enabled).toBe(false);
    expect(world.session.state.room?.wantedMic).toBeNull();
    expect(await world.session.setMic("open")).toEqual({ ok: false, error: "not_allowed" });
  });

  it("that was asked for twice is opened once", async () => {
    await world.enters(onStage("muted"));
    let allow = (): void => undefined;
    world.microphoneQuestion = new Promise((resolve) => (allow = resolve));
    void world.session.setMic("open");
    void world.session.setMic("open");
    allow();
    await settle();
    expect(world.microphones).toHaveLength(1);
  });

  it("that is allowed after the person was removed is closed at once", async () => {
    await world.enters(onStage("muted"));
    let allow = (): void => undefined;
    world.microphoneQuestion = new Promise((resolve) => (allow = resolve));
    void world.session.setMic("open");
    world.socket.says({ type: "left", room: VIEW.room, reason: "removed" });
    allow();
    await settle();
    expect(world.microphone.closed).toBe(true);
  });

  it("chosen anew while somebody speaks goes on speaking", async () => {
    await world.speaks(onStage("open"));
    await world.session.microphoneChosen();
    expect(world.microphones).toHaveLength(2);
    expect(world.microphones[0]?.closed).toBe(true);
    expect(world.microphone.sent.enabled).toBe(true);
    expect(world.peer.sent).toBe(world.microphone.sent);
  });

  it.each(["muted", "held"] as const)("chosen anew stays silent when its owner was %s while the browser asked", async (mic) => {
    await world.speaks(onStage("open"));
    let allow = (): void => undefined;
    world.microphoneQuestion = new Promise((resolve) => (allow = resolve));
    void world.session.microphoneChosen();
    if (mic === "muted") void world.session.setMic("muted");
    else world.socket.says(you(onStage("held").you));
    allow();
    await settle();
    expect(world.microphones).toHaveLength(2);
    expect(world.microphone.sent.enabled).toBe(false);
  });

  it("that the system takes away is muted for everybody, and one tap brings it back", async () => {
    await world.speaks(onStage("open"));
    world.microphone.interrupted();
    expect(world.session.state.room?.microphone.is).toBe("interrupted");
    expect(world.socket.last("command")?.command).toEqual({ do: "set_mic", mic: "muted" });
    world.agrees(onStage("muted").you);
    void world.session.setMic("open");
    await settle();
    expect(world.microphones).toHaveLength(2);
    expect(world.socket.last("command")?.command).toEqual({ do: "set_mic", mic: "open" });
  });

  it("that the system takes away while the line is down is muted when the line is back", async () => {
    await world.speaks(onStage("open"));
    world.socket.falls();
    world.microphone.interrupted();
    await world.passes(1_000);
    await world.arrives();
    expect(world.socket.last("command")).toBeUndefined();
    world.seats(onStage("open"));
    await settle();
    expect(world.socket.last("command")?.command).toEqual({ do: "set_mic", mic: "muted" });
  });

  it("that is lost is not said again and again to a server that refuses to hear it", async () => {
    await world.speaks(onStage("open"));
    world.microphone.interrupted();
    const { length } = world.socket.said;
    world.socket.says({ type: "command", result: { id: world.socket.last("command")?.id, error: "too_many" } });
    await settle();
    expect(world.socket.said).toHaveLength(length);
  });

  it("shows what the server says when somebody else was quicker", async () => {
    await world.enters(onStage("muted"));
    void world.session.setMic("open");
    await settle();
    const id = world.socket.last("command")?.id;
    world.socket.says({ type: "command", result: { id, error: null } });
    world.socket.says({
      type: "room", room: VIEW.room, epoch: 1, sequence: VIEW.sequence + 1,
      events: [{ type: "you", you: onStage("muted").you }],
    });
    await settle();
    await world.passes(1_500);
    expect(world.session.state.room?.wantedMic).toBeNull();
    expect(world.microphone.sent.enabled).toBe(false);
  });

  it("goes out when the person is moved to the audience", async () => {
    await world.enters(onStage("muted"));
    void world.session.setMic("open");
    await settle();
    world.socket.says({
      type: "room", room: VIEW.room, epoch: 1, sequence: VIEW.sequence + 1, events: [{ type: "you", you: VIEW.you }],
    });
    expect(world.microphone.closed).toBe(true);
    expect(world.peer.sent).toBeNull();
  });
});

describe("a weak line", () => {
  const media = (): string | undefined => world.session.state.room?.media.is;

  it("is said when much of what is played is invented, and taken back when it is well again", async () => {
    await world.enters(VIEW);
    await world.passes(2_000);
    expect(media()).toBe("live");
    world.peer.concealed = 0.2;
    await world.passes(2_000);
    expect(media()).toBe("weak");
    world.peer.concealed = 0;
    await world.passes(5_000);
    expect(media()).toBe("live");
  });

  it("is not said for a hole of half a second, nor for a little that is lost all the time", async () => {
    await world.enters(VIEW);
    world.peer.concealed = 0.25;
    await world.passes(500);
    world.peer.concealed = 0.05;
    await world.passes(60_000);
    expect(media()).toBe("live");
  });

  it("does not come and go while it is neither weak nor well", async () => {
    await world.enters(VIEW);
    world.peer.concealed = 0.2;
    await world.passes(3_000);
    const said: (string | undefined)[] = [];
    world.session.subscribe(({ room }) => said.push(room?.media.is));
    for (let turn = 0; turn < 20; turn += 1) {
      world.peer.concealed = turn % 2 === 0 ? 0.06 : 0.03;
      await world.passes(3_000);
    }
    expect(said).not.toContain("live");
    expect(media()).toBe("weak");
  });

  it("is a matter of the connection it was measured on", async () => {
    await world.enters(VIEW);
    world.peer.concealed = 0.2;
    await world.passes(3_000);
    world.peer.breaks();
    await settle();
    world.socket.says({ type: "answer", request: world.socket.last("media")?.request, answer: "fresh" });
    await settle();
    world.peer.connects();
    await world.passes(1_000);
    expect(media()).toBe("live");
    world.peer.concealed = 0.2;
    await world.passes(3_000);
    expect(media()).toBe("weak");
    world.session.leave();
    await world.enters(VIEW);
    await world.passes(1_000);
    expect(media()).toBe("live");
  });
});

describe("volumes", () => {
  const [ann, ben] = VIEW.people;
  if (ann === undefined || ben === undefined) throw new Error("two people were expected");
  const OLGA: Person = { ...ann, id: 8 as never, name: "Olga", handle: "olga" };
  const GUEST: Person = { ...ann, id: 11 as never, name: "Sam", handle: null };
  const TALK: RoomView = { ...VIEW, people: [ann, OLGA, GUEST, ben], slots: [ann.id, OLGA.id, null] };
  const slots = (slots: readonly (ParticipantId | null)[]): object => next([{ type: "slots", slots }]);

  it("are those of people, and go with them from slot to slot", async () => {
    await world.enters(TALK);
    world.session.setVolume(ann.id, 0);
    expect(world.volumes).toEqual([0, 1, 1]);
    world.socket.says(slots([OLGA.id, null, ann.id]));
    expect(world.volumes[0]).toBe(1);
    expect(world.volumes[2]).toBe(0);
  });

  it("stay in an empty slot, where the last words may still be on their way", async () => {
    await world.enters(TALK);
    world.session.setVolume(ann.id, 0.25);
    world.socket.says(slots([null, OLGA.id, null]));
    expect(world.volumes).toEqual([0.25, 1, 1]);
    world.socket.says(slots([GUEST.id, OLGA.id, null]));
    expect(world.volumes).toEqual([1, 1, 1]);
  });

  it("of members are kept on the device for every room, those of guests for this one", async () => {
    await world.enters(TALK);
    world.session.setVolume(ann.id, 0.25);
    world.session.setVolume(GUEST.id, 0.5);
    expect([...world.keptVolumes]).toEqual([["ann", 0.25]]);
    const later = new TestWorld(world.keptVolumes);
    await later.enters({ ...TALK, slots: [ann.id, GUEST.id, null] });
    expect(later.volumes).toEqual([0.25, 1, 1]);
  });

  it("are forgotten on the device when its owner signs out", async () => {
    await world.enters(TALK);
    world.session.setVolume(ann.id, 0.25);
    world.session.close();
    expect([...world.keptVolumes]).toEqual([]);
    expect(world.session.state.volumes.size).toBe(0);
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
    await settle();
    const first = world.socket.last("media");
    world.socket.says({ type: "answer", request: first?.request, answer: "fresh" });
    await settle();
    world.peer.breaks();
    await settle();
    expect(world.peers[0]?.closed).toBe(false);
    expect(world.socket.last("media")?.offer).toBe("offer-3");
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
