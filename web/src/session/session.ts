// The session: one socket, at most one room, its sound. Everything that the screens ask for goes through here; every
// answer comes back as a new state.

import type { ClientMessage } from "../protocol/ClientMessage";
import type { ErrorCode } from "../protocol/ErrorCode";
import type { EventId } from "../protocol/EventId";
import type { Handle } from "../protocol/Handle";
import type { Incarnation } from "../protocol/Incarnation";
import type { LeftReason } from "../protocol/LeftReason";
import type { Looking } from "../protocol/Looking";
import type { NewRoom } from "../protocol/NewRoom";
import type { ParticipantId } from "../protocol/ParticipantId";
import type { Reaction } from "../protocol/Reaction";
import type { RoomCommand } from "../protocol/RoomCommand";
import type { RoomId } from "../protocol/RoomId";
import type { SeatToken } from "../protocol/SeatToken";
import type { ServerMessage } from "../protocol/ServerMessage";
import { RECONNECT_GRACE } from "../protocol/limits";
import type { Session } from "./contract";
import { changeHallway, sortHallway, spokenBy } from "./hallway";
import { Line, type Turn } from "./line";
import { Media } from "./media";
import type { KeptSeat, SessionWorld } from "./outside";
import { Questions } from "./questions";
import { notTaken, reacted } from "./reactions";
import { applyEvents, fromView, isMutedUnheard, lacksMicrophone, order, settled, shownMic } from "./room";
import { Search } from "./search";
import { EMPTY, type Found, type Outcome, type Playback, type Room, type SessionState } from "./state";
import { ALONE, RealTalks } from "./talks";
import { volumeOf, withVolume } from "./volumes";

/** `protocol::PROTOCOL_VERSION`. */
const PROTOCOL = 1;
/** Between two tries to come back to my seat, on average: a thousand listeners come back together. */
const COME_BACK_MS = { first: 300, after: 1_000 } as const;
/** Between two tries to have a fresh media connection answered. */
const FRESH_MEDIA_MS = 1_000;
/** How long my wish about the microphone may differ from what the server agreed to, and until it is told again. */
const SETTLE_MS = 1_000;
/** How long it is said that the server restarted: long enough to be read twice. */
const RESTARTED_MS = 9_000;
/** Why somebody who comes back finds no seat. */
const SEAT_LOST: Partial<Record<ErrorCode, LeftReason>> = { not_there: "ended", not_yet: "time_out", person_gone: "away", not_now: "other_device" };

const DONE: Outcome = { ok: true };
const refused = (error: ErrorCode): Outcome => ({ ok: false, error });

export class RealSession implements Session {
  #state: SessionState;
  readonly #listeners = new Set<(state: SessionState) => void>();
  readonly #world: SessionWorld;
  readonly #line: Line;
  readonly #media: Media;
  readonly #search: Search;
  #incarnation: Incarnation | null = null;
  #seat: SeatToken | null = null;
  /** The server process is another one, and has not got a connection of mine yet. */
  #comesFresh = false;
  /** The line is a new one, and the room has not got me back on it yet. */
  #comesBack = false;
  /** Grows with every offer on a seat: what became of an earlier one is of no interest. */
  #renewal = 0;
  /** Grows with every try to enter a room, and when I leave: what became of an earlier one is of no interest. */
  #entry = 0;
  /** A seat from before this page, to be taken again when the line stands. */
  #returning: (KeptSeat & { readonly since: number }) | null = null;
  #looking: Looking = "away";
  /** On their way to the room, or refused a moment ago: words that I am muted. */
  #sayingMuted = 0;
  readonly #questions: Questions;
  readonly talks: RealTalks;

  constructor(world: SessionWorld) {
    this.#world = world;
    this.#search = new Search(world);
    this.#questions = new Questions(world, (message) => this.#line.send(message));
    const enter = (message: (offer: string) => ClientMessage): Promise<Outcome> =>
      this.#enter("new", async () => message(await this.#media.offer()));
    this.talks = new RealTalks(this.#questions, enter, () => this.#state, (change) => this.#set(change), () => this.#state.room?.room ?? null);
    this.#state = { ...EMPTY, volumes: world.volumes.kept() };
    this.#line = new Line(world, {
      opened: () => this.#line.send({ type: "hello", protocol: PROTOCOL, bundle: world.bundle, capabilities: [], guest: world.guest() }),
      received: (message) => this.#received(message),
      lost: () => void this.#lost(),
      turn: () => this.#turn(),
    });
    this.#media = new Media(world.media, {
      line: (media) => this.#change((room) => ({ ...room, media })),
      microphone: (microphone) => {
        this.#change((room) => ({ ...room, microphone }));
        // Closed is what this page did itself; whatever else took it away, nobody is to wait for a word from me.
        if (microphone.is !== "closed") this.#ownUp();
      },
      mutedButSpeaking: (speaking) => {
        if (this.#state.room?.mutedButSpeaking !== speaking) {
          this.#change((room) => ({ ...room, mutedButSpeaking: speaking }));
        }
      },
      wanted: () => {
        // Perhaps the whole network went, and the socket only does not know it yet.
        this.#line.doubt();
        void this.#freshMedia();
      },
    });
  }

  get state(): SessionState {
    return this.#state;
  }

  subscribe(listener: (state: SessionState) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  open(): void {
    if (this.#state.line.is !== "closed" && this.#state.line.is !== "refused") return;
    this.#set({ line: { is: "connecting", since: this.#world.now() } });
    this.#line.open();
  }

  close(): void {
    this.leave();
    this.#stay();
    this.#line.close();
    this.#incarnation = null;
    // Whoever signs in here next has other ears.
    this.#world.volumes.keep(EMPTY.volumes);
    this.#state = EMPTY;
    this.#set({});
  }

  /** The browser says that it is online again, or the page is shown again. */
  hurry(): void {
    this.#line.hurry();
  }

  /** The browser says that there is a network again: it may be another one. */
  networkChanged(): void {
    this.#line.hurry();
    this.#line.doubt();
  }

  prepare(): void {
    this.#media.prepare();
  }

  async startRoom(room: NewRoom): Promise<Outcome> {
    return this.#enter("new", async () => ({ type: "start_room", request: 0, room, offer: await this.#media.offer() }));
  }

  async enterRoom(room: RoomId): Promise<Outcome> {
    if (this.#state.room?.room === room) return DONE;
    return this.#enter(room, async () => ({ type: "enter_room", request: 0, room, offer: await this.#media.offer(), seat: null }));
  }

  openEvent(event: EventId): Promise<Outcome> {
    return this.#enter("new", async () => ({ type: "open_event", request: 0, event, offer: await this.#media.offer() }));
  }

  /** Back to the seat that the page before this one had, if it still stands; otherwise nothing happens. */
  returnTo(seat: KeptSeat): void {
    if (this.#state.room !== null || this.#state.entering !== null) return;
    this.#returning = { ...seat, since: this.#world.now() };
    this.#set({ entering: seat.room });
    if (this.#state.line.is === "open") void this.#return();
  }

  /** What this page shows is not to be told elsewhere while somebody looks at it. */
  looking(now: Looking): void {
    if (this.#looking !== now && this.#state.line.is === "open") this.#line.send({ type: "looking", now });
    this.#looking = now;
  }

  /** The page goes. Nobody knows whether it is closed or loaded anew, so the server keeps the seat for seconds. */
  goAway(): void {
    if (this.#state.room !== null) this.#line.send({ type: "away" });
  }

  leave(): void {
    if (this.#state.room === null) return;
    this.#entry += 1;
    this.#line.send({ type: "leave" });
    this.#set({ entering: null });
    this.#out();
  }

  declineRoom(room: RoomId): void {
    this.#line.send({ type: "decline_room", room });
    this.#set({ hallway: this.#state.hallway.filter((card) => card.room !== room) });
  }

  forgetLeft(): void {
    this.#set({ left: null });
  }

  command(command: RoomCommand): Promise<Outcome> {
    // On the way into another room it would be done there.
    const { room, entering } = this.#state;
    return room === null || entering !== null ? Promise.resolve(refused("busy")) : this.#questions.command(command);
  }

  async comeUp(): Promise<Outcome> {
    if (!(await this.#media.openMicrophone())) return refused("not_allowed");
    const outcome = await this.command({ do: "accept_invitation" });
    if (!outcome.ok) this.#media.closeMicrophone();
    return outcome;
  }

  tryMicrophone(): Promise<boolean> {
    return this.#state.room?.you.place.at === "invited" ? this.#media.openMicrophone() : Promise.resolve(false);
  }

  async setMic(mic: "open" | "muted"): Promise<Outcome> {
    const { room } = this.#state;
    if (room === null || room.you.place.at !== "stage") return refused("not_now");
    if (mic === "open" && room.you.place.mic === "held") return refused("not_allowed");
    if (mic === "muted") {
      // True at once and whatever the line does; the room is told as soon as it can be.
      this.#media.setMicrophoneOpen(false);
      this.#change((now) => ({ ...now, wantedMic: mic }));
      void this.#sayMuted();
      return DONE;
    }
    if (!(await this.#media.openMicrophone())) return refused("not_allowed");
    this.#change((now) => ({ ...now, wantedMic: mic }));
    const outcome = await this.command({ do: "set_mic", mic });
    // Agreed: my new state is on its way. If it says otherwise, somebody else was quicker, and it holds.
    if (outcome.ok) this.#world.after(SETTLE_MS, () => this.#unwishOpen());
    else this.#unwishOpen();
    return outcome;
  }

  async react(reaction: Reaction): Promise<Outcome> {
    this.#change((room) => ({ ...room, reactions: reacted(room.reactions, reaction) }));
    const outcome = await this.command({ do: "react", reaction });
    if (!outcome.ok) this.#change((room) => ({ ...room, reactions: notTaken(room.reactions, reaction) }));
    return outcome;
  }

  findPeople(text: string): Promise<Found> {
    return this.#search.find(async () => {
      const answer = await this.#questions.ask({ type: "find_people", request: 0, text });
      if (!answer.ok) return answer;
      return { ok: true, people: answer.message.type === "found" ? answer.message.people : [] };
    });
  }

  setVolume(who: ParticipantId | Handle, volume: number): void {
    const handle = typeof who === "string" ? who : (this.#state.room?.people.get(who)?.handle ?? null);
    if (handle !== null) {
      this.#set({ volumes: withVolume(this.#state.volumes, handle, volume) });
      this.#world.volumes.keep(this.#state.volumes);
    } else if (typeof who === "number") {
      this.#change((room) => ({ ...room, volumes: new Map(room.volumes).set(who, volume) }));
    }
    this.#followSlots();
  }

  dismiss(key: number): void {
    this.#change((room) => ({ ...room, said: room.said.filter((said) => said.key !== key) }));
  }

  tapToListen(): void {
    this.#change((room) => ({ ...room, playback: "ok" }));
    this.#media.resume();
  }

  /** From the ears: whether the browser wants a tap first. */
  played(playback: Playback): void {
    if (this.#state.room?.playback !== playback) this.#change((room) => ({ ...room, playback }));
  }

  /** Another microphone was chosen. What happened while the browser asked for it counts, not what was before. */
  async microphoneChosen(): Promise<void> {
    if (await this.#media.reopenMicrophone()) this.#followMic();
  }

  level(who: ParticipantId): number {
    const { room } = this.#state;
    if (room === null) return 0;
    if (who === room.you.id) return shownMic(room) === "open" ? this.#media.myLevel() : 0;
    const slot = room.slots.indexOf(who);
    return slot < 0 ? 0 : this.#media.level(slot);
  }

  myLevel(): number {
    return this.#media.myLevel();
  }

  now(): number {
    return this.#world.now();
  }

  #turn(): Turn {
    return this.#state.room?.you.place.at === "stage" ? "first" : "after";
  }

  async #lost(): Promise<void> {
    this.#questions.lost();
    if (this.#state.line.is === "open") this.#set({ line: { is: "lost", since: this.#world.now() } });
    this.#followPath();
    if ((await this.#world.signedIn()) === false) this.#refused("signed_out");
  }

  #refused(why: ErrorCode): void {
    this.#line.close();
    if (this.#state.room !== null) this.#left(this.#state.room.room, "signed_out");
    this.#stay();
    this.#set({ line: { is: "refused", why }, me: null, hallway: [] });
  }

  #received(message: ServerMessage): void {
    this.talks.received(message);
    switch (message.type) {
      case "welcome":
        return void this.#welcome(message);
      case "hallway":
        return this.#set({ hallway: changeHallway(this.#state.hallway, message.changes, spokenBy(this.#state.me)) });
      case "entered":
        if (!this.#questions.answered(message.request, { ok: true, message })) this.#tooLate(message.view.room);
        break;
      case "answer":
      case "found":
      case "done":
        return void this.#questions.answered(message.request, { ok: true, message });
      case "failed":
        if (message.request !== null) this.#questions.answered(message.request, { ok: false, error: message.error });
        else if (message.error === "signed_out" || message.error === "old_client" || (this.#state.line.is !== "open" && this.#world.guest())) this.#refused(message.error); // a guest whose hello was not taken does not say it again
        break;
      case "room":
        return void this.#roomEvents(message);
      case "state":
        // One that was on its way when I left brings nothing back.
        if (this.#state.room?.room === message.view.room) this.#become(fromView(message.view, this.#state.room));
        break;
      case "command":
        return this.#questions.done(message.result.id, message.result.error === null ? DONE : refused(message.result.error));
      case "left":
        if (this.#state.room?.room === message.room) this.#left(message.room, message.reason);
        break;
      case "me":
        return this.#set({ me: message.me, hallway: sortHallway(this.#state.hallway, spokenBy(message.me)) });
      case "events_changed":
        return this.#set({ eventsEdition: this.#state.eventsEdition + 1 });
      case "draining":
        return this.#set({ drainingAt: this.#world.now() + message.seconds * 1000 });
      default: // relayed (no use in clear rooms), pong, and what a newer server may say
    }
  }

  async #welcome(welcome: Extract<ServerMessage, { type: "welcome" }>): Promise<void> {
    const fresh = this.#incarnation !== welcome.incarnation;
    this.#incarnation = welcome.incarnation;
    this.#set({
      line: { is: "open" },
      server: welcome.server,
      me: welcome.me,
      hallway: sortHallway(welcome.hallway, spokenBy(welcome.me)),
      drainingAt: null,
      eventsEdition: this.#state.eventsEdition + 1, // what was said of them while there was no line is lost
      company: ALONE.company,
    });
    if (this.#looking === "here") this.#line.send({ type: "looking", now: "here" });
    if (fresh) this.#comesFresh = true;
    this.#comesBack = this.#state.room !== null;
    await (this.#returning === null ? this.#comeBack() : this.#return());
  }

  async #return(): Promise<void> {
    const returning = this.#returning;
    if (returning === null) return;
    const { room, seat, since } = returning;
    const answer = await this.#questions.ask({ type: "enter_room", request: 0, room, offer: await this.#media.offer(), seat });
    if (this.#returning !== returning) return;
    if (!answer.ok && answer.error === "busy" && this.#world.now() - since < RECONNECT_GRACE) {
      this.#again(() => this.#return());
      return;
    }
    this.#returning = null;
    this.#set({ entering: null });
    if (answer.ok) await this.#entered(answer.message);
    else this.#out();
  }

  /** There is no way back any more. */
  #stay(): void {
    if (this.#returning === null) return;
    this.#returning = null;
    this.#set({ entering: null });
    this.#out();
  }

  /** A moment later, unless the line falls before: then coming back begins anew with the next one. */
  #again(act: () => Promise<void>): void {
    if (this.#state.line.is !== "open") return;
    this.#world.after(COME_BACK_MS[this.#turn()] * (0.5 + this.#world.random()), () => {
      if (this.#state.line.is === "open") void act();
    });
  }

  /** Back to my seat, as often as it takes while the socket stands: a server that has just started is busy. */
  async #comeBack(): Promise<void> {
    const { room } = this.#state;
    if (room === null || this.#seat === null) return;
    // The same server process still has my media connection; another one needs a fresh one.
    this.#renewal += 1;
    const offer = this.#comesFresh || !this.#media.stands ? await this.#media.offer() : null;
    const answer = await this.#questions.ask({ type: "enter_room", request: 0, room: room.room, offer, seat: this.#seat });
    if (this.#state.room?.room !== room.room) return;
    if (answer.ok) await this.#entered(answer.message);
    else if (answer.error === "bad_offer" && offer === null) {
      // The server gave my connection up, though here it still seems to stand.
      this.#comesFresh = true;
      await this.#comeBack();
    } else if (answer.error === "busy") {
      this.#again(() => this.#comeBack());
    } else {
      this.#left(room.room, SEAT_LOST[answer.error] ?? "lost");
    }
  }

  /** A seat that nobody waits for any more must not stay taken, and for it the server gave up the one that I had. */
  #tooLate(taken: RoomId): void {
    const { room, entering } = this.#state;
    if (room?.room === taken || entering === taken) return;
    this.#line.send({ type: "leave" });
    if (room !== null) this.#left(room.room, "away");
  }

  async #enter(entering: RoomId | "new", message: () => Promise<ClientMessage>): Promise<Outcome> {
    // What somebody asks for comes before what would have happened by itself.
    this.#stay();
    if (this.#state.entering !== null) return refused("not_now");
    if (this.#state.room !== null && this.#state.line.is !== "open") return refused("busy");
    // Not back on that seat yet: two ways at once would cross.
    if (this.#comesBack) this.leave();
    this.#renewal += 1;
    this.#entry += 1;
    const entry = this.#entry;
    this.#set({ entering, left: null });
    const asked = await message();
    // Whoever leaves meanwhile goes nowhere: the server hears both in this order.
    if (entry !== this.#entry) return refused("not_now");
    const answer = await this.#questions.ask(asked);
    if (entry !== this.#entry) return refused("not_now");
    this.#set({ entering: null });
    if (!answer.ok) {
      this.#stayed();
      return refused(answer.error);
    }
    // The server let go of the room before with the same word.
    if (this.#state.room !== null) this.#moved();
    await this.#entered(answer.message);
    return DONE;
  }

  /** Refused at another door: the room that I am in, if any, is still mine. */
  #stayed(): void {
    if (this.#state.room === null) return this.#media.stop();
    this.#media.withdraw();
    if (!this.#media.stands) void this.#freshMedia();
  }

  #moved(): void {
    this.#renewal += 1;
    this.#media.moveOn();
    this.#set({ room: null });
  }

  async #entered(message: ServerMessage): Promise<void> {
    if (message.type !== "entered") return;
    this.#seat = message.seat;
    this.#world.keepSeat({ room: message.view.room, seat: message.seat });
    this.#comesFresh = this.#comesBack = false;
    const before = this.#state.room;
    const room = fromView(message.view, before);
    if (room.restarted && before?.restarted === false) {
      this.#world.after(RESTARTED_MS, () => this.#change((now) => ({ ...now, restarted: false })));
    }
    this.#become(before === null ? { ...room, media: { is: "connecting", since: this.#world.now() } } : room);
    if (message.answer !== null) await this.#media.accept(message.answer);
  }

  async #freshMedia(): Promise<void> {
    // With the socket down too, coming back with the seat brings the fresh connection; another room, one of its own.
    if (this.#state.room === null || this.#state.line.is !== "open" || this.#state.entering !== null) return;
    this.#renewal += 1;
    const renewal = this.#renewal;
    const answer = await this.#questions.ask({ type: "media", request: 0, offer: await this.#media.offer() });
    if (renewal !== this.#renewal) return;
    if (answer.ok && answer.message.type === "answer") await this.#media.accept(answer.message.answer);
    else {
      this.#world.after(FRESH_MEDIA_MS, () => {
        if (renewal === this.#renewal && !this.#media.stands) void this.#freshMedia();
      });
    }
  }

  #roomEvents(message: Extract<ServerMessage, { type: "room" }>): void {
    const { room } = this.#state;
    if (room === null || room.room !== message.room) return;
    switch (order(room, message.epoch, message.sequence)) {
      case "next":
        this.#become(applyEvents(room, message.sequence, message.events, this.#world.now()));
        break;
      case "gap":
        this.#line.send({ type: "resync" });
        break;
      case "old":
        break;
    }
  }

  /** A new value of the room: the sound follows it. */
  #become(room: Room): void {
    this.#set({ room });
    this.#followSlots();
    this.#followMic();
    this.#followPath();
    this.#ownUp();
  }

  /** An empty slot keeps its volume: what its last talker said may still be on the way to the ear. */
  #followSlots(): void {
    const { room, volumes } = this.#state;
    room?.slots.forEach((who, slot) => {
      if (who === null) return;
      this.#media.setVolume(slot, volumeOf(room.people.get(who) ?? { id: who, handle: null }, room, volumes));
    });
  }

  /** What the path of the sound must bring. Without a socket nobody knows who speaks. */
  #followPath(): void {
    const { room, line } = this.#state;
    if (room === null || line.is !== "open") return this.#media.expect("nothing");
    const { id, place } = room.you;
    if (room.slots.some((who) => who !== null && who !== id)) return this.#media.expect("voice");
    this.#media.expect(place.at === "stage" && place.mic === "open" ? "reports" : "nothing");
  }

  #unwishOpen(): void {
    if (this.#state.room?.wantedMic === "open") this.#change((room) => ({ ...room, wantedMic: null }));
    this.#followMic();
  }

  /** Once, and what became of it. The wish stands until the room's state agrees: a lost word opens no microphone. */
  async #sayMuted(): Promise<void> {
    this.#sayingMuted += 1;
    const outcome = await this.command({ do: "set_mic", mic: "muted" });
    // Without a line there is nothing to wait for: whoever comes back on one is told then.
    if (this.#state.line.is === "open") await new Promise<void>((over) => this.#world.after(SETTLE_MS, over));
    this.#sayingMuted -= 1;
    if (outcome.ok) this.#change((room) => ({ ...room, wantedMic: settled(room.wantedMic, room.you) }));
    this.#ownUp();
  }

  #followMic(): void {
    const { room } = this.#state;
    if (room === null) return;
    if (room.you.place.at !== "stage") {
      // The browser is asked on the way up, before the place is the stage: an open one then is wanted.
      if (room.you.place.at !== "invited") this.#media.closeMicrophone();
      return;
    }
    this.#media.setMicrophoneOpen(shownMic(room) === "open");
  }

  /** A microphone that I muted, or no longer have, is muted for everybody; it opens again by one tap. */
  #ownUp(): void {
    const { room, line } = this.#state;
    if (room === null || line.is !== "open") return;
    if (lacksMicrophone(room)) void this.setMic("muted");
    else if (this.#sayingMuted === 0 && isMutedUnheard(room)) void this.#sayMuted();
  }

  #left(room: RoomId, reason: LeftReason): void {
    this.#out();
    this.#set({ left: { room, reason } });
  }

  #out(): void {
    this.#seat = null;
    this.#world.keepSeat(null);
    this.#comesBack = false;
    // What is offered to the room that I am entering meanwhile goes on.
    if (this.#state.entering === null) this.#media.stop();
    else this.#media.moveOn();
    this.#set({ room: null });
  }

  #change(change: (room: Room) => Room): void {
    if (this.#state.room !== null) this.#set({ room: change(this.#state.room) });
  }

  #set(change: Partial<SessionState>): void {
    this.#state = { ...this.#state, ...change };
    for (const listener of this.#listeners) listener(this.#state);
  }
}
