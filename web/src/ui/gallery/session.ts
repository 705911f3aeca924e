// A session without a server: a state to look at, and enough of an answer to every button to walk around.

import type { ChatId } from "../../protocol/ChatId";
import type { Company } from "../../protocol/Company";
import type { ErrorCode } from "../../protocol/ErrorCode";
import type { Handle } from "../../protocol/Handle";
import type { ParticipantId } from "../../protocol/ParticipantId";
import type { Person } from "../../protocol/Person";
import type { Reaction } from "../../protocol/Reaction";
import type { RoomCommand } from "../../protocol/RoomCommand";
import type { RoomId } from "../../protocol/RoomId";
import type { TalkTime } from "../../protocol/TalkTime";
import type { Session } from "../../session/contract";
import { EMPTY, type Found, type Outcome, type Room, type SessionState } from "../../session/state";
import { reacted } from "../../session/reactions";
import type { Talks } from "../../session/talks";
import { withVolume } from "../../session/volumes";
import { ME_ID } from "./people";
import { now, STILL } from "./time";

/** Some a lot, some not at all. */
const talkTimes = (people: readonly Person[]): TalkTime[] =>
  people.filter(({ place }) => place.at === "stage").map(({ id, name }, nth) => ({ id, name, seconds: Math.max(0, 754 - nth * nth * 31) }));

const OK: Outcome = { ok: true };

export class FakeSession implements Session {
  state: SessionState = EMPTY;
  readonly #listeners = new Set<(state: SessionState) => void>();
  readonly #scene: () => Room;
  readonly #refuses: ErrorCode | null;

  /** `scene` is any room that is entered; `refuses` is what its door says instead. */
  constructor(state: SessionState, scene: () => Room, refuses: ErrorCode | null) {
    this.state = state;
    this.#scene = scene;
    this.#refuses = refuses;
  }

  readonly talks: Talks = {
    setAvailable: (to) => {
      this.#company({ available_until: to === "off" ? null : Date.now() + 3_600_000 });
      return Promise.resolve(OK);
    },
    ask: (handle) => {
      const who = [...this.state.company.available.map(({ who }) => who), ...this.state.company.arrived].find((one) => one.handle === handle);
      if (who) this.#company({ asking: { who, until: Date.now() + 60_000 } });
      return Promise.resolve(OK);
    },
    takeBack: () => this.#company({ asking: null }),
    accept: () => this.startRoom(),
    decline: (handle) => this.#company({ asked_by: this.state.company.asked_by.filter(({ who }) => who.handle !== handle) }),
    putArrivalAway: (handle) => this.#company({ arrived: this.state.company.arrived.filter((who) => who.handle !== handle) }),
    ping: () => Promise.resolve(OK),
    putPingAway: (key) => this.change({ pinged: this.state.pinged.filter((ping) => ping.key !== key) }),
    forget: (key) => this.change({ talksOver: this.state.talksOver.filter((over) => over.key !== key) }),
  };
  #company(part: Partial<Company>): void {
    this.change({ company: { ...this.state.company, ...part } });
  }

  subscribe(listener: (state: SessionState) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
  change(part: Partial<SessionState>): void {
    this.state = { ...this.state, ...part };
    for (const listener of this.#listeners) listener(this.state);
  }
  #room(part: Partial<Room>): void {
    if (this.state.room) this.change({ room: { ...this.state.room, ...part } });
  }

  open(): void {}
  close(): void {}
  prepare(): void {}
  startRoom(): Promise<Outcome> {
    this.change({ room: this.#scene() });
    return Promise.resolve(OK);
  }
  enterRoom(room: RoomId): Promise<Outcome> {
    if (this.#refuses !== null) return Promise.resolve({ ok: false, error: this.#refuses });
    this.change({ room: { ...this.#scene(), room }, left: null });
    return Promise.resolve(OK);
  }
  openEvent(): Promise<Outcome> {
    return this.startRoom();
  }
  leave(): void {
    this.change({ room: null });
  }
  declineRoom(room: RoomId): void {
    this.change({ hallway: this.state.hallway.filter((card) => card.room !== room) });
  }
  forgetLeft(): void {
    this.change({ left: null });
  }
  comeUp(): Promise<Outcome> {
    this.#me({ at: "stage", mic: "muted" });
    return Promise.resolve(OK);
  }
  tryMicrophone(): Promise<boolean> {
    this.#room({ microphone: { is: "ready", label: "Built-in microphone" } });
    return Promise.resolve(true);
  }
  myLevel(): number {
    return this.level(ME_ID) / 8;
  }
  setMic(mic: "open" | "muted"): Promise<Outcome> {
    this.#me({ at: "stage", mic });
    return Promise.resolve(OK);
  }
  react(reaction: Reaction): Promise<Outcome> {
    if (this.state.room) this.#room({ reactions: reacted(this.state.room.reactions, reaction) });
    return Promise.resolve(OK);
  }
  findPeople(text: string): Promise<Found> {
    const people = [...(this.state.room?.people.values() ?? [])].filter(({ name }) => name.toLowerCase().includes(text.toLowerCase()));
    return Promise.resolve({ ok: true, people });
  }
  setVolume(who: ParticipantId | Handle, volume: number): void {
    const handle = typeof who === "string" ? who : this.state.room?.people.get(who)?.handle;
    if (handle) this.change({ volumes: withVolume(this.state.volumes, handle, volume) });
    else if (typeof who === "number") this.#room({ volumes: new Map(this.state.room?.volumes).set(who, volume) });
  }
  dismiss(key: number): void {
    this.#room({ said: this.state.room?.said.filter((said) => said.key !== key) ?? [] });
  }
  tapToListen(): void {
    this.#room({ playback: "ok" });
  }
  level(who: ParticipantId): number {
    return STILL ? 0.3 + (who % 5) * 0.12 : Math.abs(Math.sin(performance.now() / 180 + who) * Math.sin(performance.now() / 900 + who));
  }
  now(): number {
    return now();
  }

  command(command: RoomCommand): Promise<Outcome> {
    const room = this.state.room;
    if (room === null) return Promise.resolve({ ok: false, error: "out_of_order" });
    switch (command.do) {
      case "raise_hand":
        this.#room({ you: { ...room.you, place: { at: "hand_raised", since: Date.now(), position: 4 } } });
        break;
      case "set_line":
        this.#room({ board: { ...room.board, line: command.about === null ? null : { about: command.about, since: Date.now() } } });
        break;
      case "pin_card":
        this.#room({ board: { ...room.board, card: command.card } });
        break;
      case "ask_talk_times":
        this.#room({ talked: { since: room.facts.started, times: talkTimes([...room.people.values()]) } });
        break;
      case "set_chat":
        this.#room({ facts: { ...room.facts, chat: command.chat } });
        break;
      case "say": {
        const me = room.people.get(ME_ID);
        if (me) this.#room({ chat: [...room.chat, { id: (room.chat.at(-1)?.id ?? 0) + 1 as ChatId, from: ME_ID, name: me.name, handle: me.handle, text: command.text, at: Date.now() }] });
        break;
      }
      case "take_away":
        this.#room({ chat: room.chat.filter(({ id }) => id !== command.message) });
        break;
      case "note_hand":
        this.#room({ you: { ...room.you, note: command.note } });
        break;
      case "pin_hand":
      case "skip_hand": {
        const hand = room.queue.find(({ id }) => id === command.who);
        const others = room.queue.filter((other) => other !== hand);
        if (hand) this.#room({ queue: command.do === "pin_hand" ? [hand, ...others] : [...others, hand] });
        break;
      }
      case "lower_hand":
      case "decline_invitation":
        this.#room({ you: { ...room.you, place: { at: "audience" } } });
        break;
      case "step_down":
        this.#me({ at: "audience" });
        break;
      case "mute":
      case "hold":
      case "release":
        this.#person(command.who, { place: { at: "stage", mic: command.do === "hold" ? "held" : "muted" } });
        break;
      case "move_to_audience":
        this.#person(command.who, { place: { at: "audience" } });
        break;
      case "remove":
      case "ban":
      case "time_out":
        this.#remove(command.who, command.do === "time_out" ? Date.now() + 600_000 : null);
        break;
      case "invite_to_stage":
        this.#room({ queue: room.queue.map((hand) => (hand.id === command.who ? { ...hand, state: "invited" } : hand)) });
        break;
      case "dismiss":
        this.#room({ queue: room.queue.filter((hand) => hand.id !== command.who) });
        break;
      case "report":
      case "co_sign":
        break;
      case "set_hands":
        this.#room({ facts: { ...room.facts, hands: command.hands } });
        break;
      case "set_door":
        this.#room({ facts: { ...room.facts, door: command.door } });
        break;
      case "set_title":
        this.#room({ facts: { ...room.facts, title: command.title } });
        break;
      case "widen":
        this.#room({ facts: { ...room.facts, kind: command.kind } });
        break;
      case "end":
        this.#room({ facts: { ...room.facts, phase: { is: "ending", at: Date.now() + 10_000 } } });
        break;
      case "keep_going":
        this.#room({ facts: { ...room.facts, phase: { is: "live" } } });
        break;
      case "make_moderator":
      case "unmake_moderator":
        this.#person(command.who, { authority: command.do === "make_moderator" ? "moderator" : "member" });
        break;
      default:
        return Promise.resolve({ ok: false, error: "not_now" });
    }
    return Promise.resolve(OK);
  }

  #me(place: Extract<Room["you"]["place"], { at: "stage" | "audience" }>): void {
    const room = this.state.room;
    if (room === null) return;
    this.#room({ you: { ...room.you, place } });
    this.#person(ME_ID, { place });
  }
  #person(who: ParticipantId, part: Partial<Person>): void {
    const person = this.state.room?.people.get(who);
    if (person) this.#room({ people: new Map(this.state.room?.people).set(who, { ...person, ...part }) });
  }
  #remove(who: ParticipantId, back: number | null): void {
    const room = this.state.room;
    const gone = room?.people.get(who);
    if (!room || !gone) return;
    const people = new Map(room.people);
    people.delete(who);
    const at = now();
    this.#room({
      people,
      said: [...room.said, { key: at, at, notice: { notice: "removed", who, name: gone.name, by: ME_ID, until: Date.now() + 10_000, back } }],
    });
  }
}
