import { beforeEach, describe, expect, it } from "vitest";
import type { ParticipantId } from "../protocol/ParticipantId";
import type { Person } from "../protocol/Person";
import type { RoomView } from "../protocol/RoomView";
import { FIXTURES, fixture, onStage, VIEW } from "./examples";
import { settle, TestWorld } from "./world";

const INVITED: RoomView = { ...VIEW, you: { ...VIEW.you, place: { at: "invited", by: 7 as never, until: 0 } } };

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
    world.socket.says({ type: "hallway", changes: [{ type: "painted", room: world.session.state.hallway[0]?.room }] });
    const { hallway, room } = world.session.state;
    world.socket.says(next([{ type: "danced", id: 7 }, { type: "notice", notice: { notice: "applauded", by: 7 } }]));
    expect(hallway).not.toEqual([]);
    expect(world.session.state.hallway).toEqual(hallway);
    expect(world.session.state.room?.sequence, "heard").toBe((room?.sequence ?? 0) + 1);
    expect(world.session.state.room, "and nothing came of it").toEqual({ ...room, sequence: world.session.state.room?.sequence });
    world.socket.onmessage?.({ data: "not json" } as MessageEvent);
    await settle();
    expect(world.session.state.room?.slots).toEqual(VIEW.slots);
    world.socket.says(fixture("left"));
    expect(world.session.state.left?.reason).toBe("removed");
  });
});

describe("in a room", () => {
  it("asks again after a while for somebody whom it sought too soon, unless somebody else is sought by then", async () => {
    await world.enters(VIEW);
    const searched = (): unknown[] => world.socket.said.flatMap((message) => (message.type === "find_people" ? [message.text] : []));
    const refuse = (): void => world.socket.says({ type: "failed", request: world.socket.last("find_people")?.request, error: "too_many" });
    const overtaken = world.session.findPeople("an");
    await settle();
    refuse();
    const last = world.session.findPeople("ann");
    await settle();
    refuse();
    await world.passes(700);
    expect(await overtaken).toEqual({ ok: true, people: [] });
    expect(searched()).toEqual(["an", "ann", "ann"]);
    const { people } = fixture("found");
    world.socket.says({ type: "found", request: world.socket.last("find_people")?.request, people });
    expect(await last).toEqual({ ok: true, people });
  });

  it("is told why nobody could be sought, which is not that nobody is there", async () => {
    await world.enters(VIEW);
    const finding = world.session.findPeople("ann");
    await settle();
    world.socket.falls();
    expect(await finding).toEqual({ ok: false, error: "busy" });
  });

  it("shows my reaction at once, and not again when everybody's are told", async () => {
    await world.enters(VIEW);
    const shown = (): number | undefined => world.session.state.room?.reactions.shown.heart;
    void world.session.react("heart");
    await settle();
    expect(world.socket.last("command")?.command).toEqual({ do: "react", reaction: "heart" });
    expect(shown()).toBe(1);
    world.socket.says(next([{ type: "reactions", counts: [{ reaction: "heart", count: 3 }] }]));
    expect(shown()).toBe(3);
    void world.session.react("heart");
    await settle();
    world.socket.says({ type: "command", result: { id: world.socket.last("command")?.id, error: "too_many" } });
    await settle();
    world.socket.says(next([{ type: "reactions", counts: [{ reaction: "heart", count: 1 }] }]));
    expect(shown()).toBe(5);
  });

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

describe("from one room into another", () => {
  const OTHER: RoomView = { ...VIEW, room: "bmV4dCBkb29yIHBsZWFzZQ" as never };
  const asked = (): number | undefined => world.socket.last("enter_room")?.request;
  const refuse = (): void => world.socket.says({ type: "failed", request: asked(), error: "locked" });

  it("keeps seat and sound until the other room lets them in, and needs no leaving then", async () => {
    await world.enters(onStage("muted"));
    const entering = world.session.enterRoom(OTHER.room);
    await settle();
    expect(world.session.state).toMatchObject({ room: { room: VIEW.room }, entering: OTHER.room });
    expect(world.peers[0]?.closed).toBe(false);
    world.socket.says({ type: "entered", request: asked(), view: OTHER, answer: "answer", seat: "seat-2" });
    expect(await entering).toEqual({ ok: true });
    expect(world.peers.map(({ closed }) => closed)).toEqual([true, false]);
    expect(world.peer.answer).toBe("answer");
    world.peer.connects();
    expect(world.session.state).toMatchObject({ room: { room: OTHER.room, media: { is: "live" } }, entering: null });
    expect(world.keptSeat?.room).toBe(OTHER.room);
    expect(world.socket.last("leave")).toBeUndefined();
  });

  it("stays on stage, heard and hearing, when the other room does not let them in", async () => {
    await world.speaks(onStage("open"));
    const entering = world.session.enterRoom(OTHER.room);
    await settle();
    refuse();
    expect(await entering).toEqual({ ok: false, error: "locked" });
    expect(world.session.state).toMatchObject({ room: { room: VIEW.room, media: { is: "live" } }, entering: null });
    expect(world.peers.map(({ closed }) => closed)).toEqual([false, true]);
    expect(world.microphone).toMatchObject({ closed: false, sent: { enabled: true } });
    expect(world.socket.last("leave")).toBeUndefined();
  });

  it("stays where they are when a new room cannot be started, or there is no line to ask on", async () => {
    await world.enters(VIEW);
    const starting = world.session.startRoom({ title: null } as never);
    await settle();
    world.socket.says({ type: "failed", request: world.socket.last("start_room")?.request, error: "draining" });
    expect(await starting).toEqual({ ok: false, error: "draining" });
    expect(world.session.state.room?.room).toBe(VIEW.room);
    world.socket.falls();
    expect(await world.session.enterRoom(OTHER.room)).toEqual({ ok: false, error: "busy" });
    expect(world.session.state.room?.room).toBe(VIEW.room);
  });

  it("gets a fresh connection to the room they stay in when the old one broke at the other door", async () => {
    await world.enters(VIEW);
    const entering = world.session.enterRoom(OTHER.room);
    await settle();
    world.peers[0]?.breaks();
    await settle();
    expect(world.socket.last("media"), "not while it is open which room it is for").toBeUndefined();
    refuse();
    await entering;
    await settle();
    world.socket.says({ type: "answer", request: world.socket.last("media")?.request, answer: "fresh" });
    await settle();
    world.peer.connects();
    expect(world.session.state.room).toMatchObject({ room: VIEW.room, media: { is: "live" } });
  });

  it("goes nowhere when they leave meanwhile, as the server understands it", async () => {
    await world.enters(VIEW);
    const entering = world.session.enterRoom(OTHER.room);
    await settle();
    world.session.leave();
    world.socket.says({ type: "entered", request: asked(), view: OTHER, answer: "answer", seat: "seat-2" });
    expect((await entering).ok).toBe(false);
    expect(world.session.state).toMatchObject({ room: null, entering: null });
    expect(world.socket.said.map(({ type }) => type).slice(-2)).toEqual(["enter_room", "leave"]);
    expect(world.peers.every(({ closed }) => closed)).toBe(true);
  });

  it("is let in though they were removed from the first while they waited", async () => {
    await world.enters(VIEW);
    const entering = world.session.enterRoom(OTHER.room);
    await settle();
    world.socket.says({ type: "left", room: VIEW.room, reason: "removed" });
    expect(world.session.state.left?.reason).toBe("removed");
    world.socket.says({ type: "entered", request: asked(), view: OTHER, answer: "answer", seat: "seat-2" });
    await entering;
    world.peer.connects();
    expect(world.session.state.room).toMatchObject({ room: OTHER.room, media: { is: "live" } });
  });

  it("does nothing there that was meant for here", async () => {
    await world.enters(VIEW);
    void world.session.enterRoom(OTHER.room);
    await settle();
    expect(await world.session.command({ do: "raise_hand" })).toEqual({ ok: false, error: "busy" });
    expect(world.socket.last("command")).toBeUndefined();
  });

  it("is told that the seat is gone when the answer comes after all hope for it", async () => {
    await world.enters(VIEW);
    const entering = world.session.enterRoom(OTHER.room);
    for (let second = 0; second < 11; second += 1) {
      await world.passes(1_000);
      world.socket.says(next([]));
    }
    expect(await entering).toEqual({ ok: false, error: "busy" });
    expect(world.session.state.room?.room).toBe(VIEW.room);
    world.socket.says({ type: "entered", request: asked(), view: OTHER, answer: "answer", seat: "seat-2" });
    expect(world.session.state).toMatchObject({ room: null, left: { room: VIEW.room, reason: "away" } });
    expect(world.socket.last("leave")).toBeDefined();
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

  const mutedAgain = (): number =>
    world.socket.said.filter((said) => said.type === "command" && said.command.do === "set_mic" && said.command.mic === "muted").length;

  it("stays shut when it is muted without a line, and the room hears of it when the line is back", async () => {
    await world.speaks(onStage("open"));
    world.socket.falls();
    expect(await world.session.setMic("muted"), "it is muted, whatever the line does").toEqual({ ok: true });
    await world.passes(1_000);
    expect(world.microphone.sent.enabled).toBe(false);
    await world.arrives();
    world.seats(onStage("open"));
    await settle();
    expect(world.microphone.sent.enabled).toBe(false);
    expect(world.socket.last("command")?.command).toEqual({ do: "set_mic", mic: "muted" });
    world.agrees(onStage("muted").you);
    await world.passes(3_000);
    expect(world.session.state.room).toMatchObject({ wantedMic: null, you: { place: { mic: "muted" } } });
    expect(mutedAgain()).toBe(1);
  });

  it("stays shut when it is muted on a line that answers nothing, and the room is told again", async () => {
    await world.speaks(onStage("open"));
    void world.session.setMic("muted");
    for (let second = 0; second < 12; second += 1) {
      await world.passes(1_000);
      world.socket.says(next([]));
      expect(world.microphone.sent.enabled).toBe(false);
    }
    expect(mutedAgain()).toBe(2);
    world.agrees(onStage("muted").you);
    await world.passes(3_000);
    expect(world.session.state.room?.wantedMic).toBeNull();
    expect(mutedAgain()).toBe(2);
  });

  it("stays shut when the server refuses to hear of it, and the room is told a little later", async () => {
    await world.speaks(onStage("open"));
    void world.session.setMic("muted");
    world.socket.says({ type: "command", result: { id: world.socket.last("command")?.id, error: "too_many" } });
    world.socket.says(next([]));
    await settle();
    expect(world.microphone.sent.enabled).toBe(false);
    expect(mutedAgain()).toBe(1);
    await world.passes(1_000);
    expect(mutedAgain()).toBe(2);
    expect(world.microphone.sent.enabled).toBe(false);
  });

  it("that was muted on such a line opens when its owner wants it open again, and not before", async () => {
    await world.speaks(onStage("open"));
    void world.session.setMic("muted");
    void world.session.setMic("open");
    await settle();
    world.socket.says({ type: "command", result: { id: world.socket.last("command")?.id, error: null } });
    for (let second = 0; second < 12; second += 1) {
      await world.passes(1_000);
      world.socket.says(next([]));
    }
    expect(mutedAgain()).toBe(1);
    expect(world.microphone.sent.enabled).toBe(true);
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

  it("is said to whoever speaks and is heard badly, though they hear well, and to nobody who is silent", async () => {
    await world.speaks(onStage("open"));
    world.peer.lost = 0.2;
    await world.passes(3_000);
    expect(world.session.state.room?.media).toEqual({ is: "weak", misses: "others" });
    void world.session.setMic("muted");
    await world.passes(200);
    expect(media(), "at once").toBe("live");
  });

  it("is said of each way for itself: who hears badly, who is heard badly, and both", async () => {
    await world.speaks(onStage("open"));
    const misses = async (concealed: number, lost: number): Promise<unknown> => {
      Object.assign(world.peer, { concealed, lost });
      await world.passes(8_000);
      return world.session.state.room?.media;
    };
    expect(await misses(0.2, 0)).toEqual({ is: "weak", misses: "me" });
    expect(await misses(0.2, 0.2)).toEqual({ is: "weak", misses: "both" });
    expect(await misses(0, 0.2)).toEqual({ is: "weak", misses: "others" });
    expect(await misses(0, 0)).toEqual({ is: "live" });
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
