// Who would like to talk, and asks whom, before there is a room; what is true of it the server says, as a whole, whenever it
// changes. And who asks me into the room where they are: that is said once.

import type { Acquaintance } from "../protocol/Acquaintance";
import type { Availability } from "../protocol/Availability";
import type { ClientMessage } from "../protocol/ClientMessage";
import type { Company } from "../protocol/Company";
import type { Handle } from "../protocol/Handle";
import type { RoomCard } from "../protocol/RoomCard";
import type { RoomId } from "../protocol/RoomId";
import type { ServerMessage } from "../protocol/ServerMessage";
import type { TalkEnd } from "../protocol/TalkEnd";
import type { Questions } from "./questions";
import type { Outcome } from "./state";

/** A question that is over, told once. */
export interface TalkOver {
  readonly key: number;
  readonly who: Acquaintance;
  readonly why: TalkEnd;
}

/** Somebody asks me into the room where they are. */
export interface Pinged {
  readonly key: number;
  readonly by: Acquaintance;
  /** The room, as it was then. */
  readonly card: RoomCard;
}

/** More at once would hide what I am doing: the oldest gives way. */
const PINGS_MAX = 3;

export interface TalkState {
  readonly company: Company;
  readonly talksOver: readonly TalkOver[];
  readonly pinged: readonly Pinged[];
  /** Whom I asked said yes, and waits there. */
  readonly called: { readonly who: Acquaintance; readonly room: RoomId } | null;
}

export const ALONE: TalkState = {
  company: { available_until: null, available: [], asking: null, asked_by: [], arrived: [] },
  talksOver: [],
  pinged: [],
  called: null,
};

/** Whether any question stands, or is over and was not read yet. */
export function isTalkedOf({ company: { asking, asked_by, arrived }, talksOver, pinged }: TalkState): boolean {
  return asking !== null || asked_by.length + arrived.length + talksOver.length + pinged.length > 0;
}

/** What the screens may ask of it. */
export interface Talks {
  setAvailable(to: Availability): Promise<Outcome>;
  ask(who: Handle): Promise<Outcome>;
  takeBack(): void;
  /** Into a closed room for the two. */
  accept(who: Handle): Promise<Outcome>;
  decline(who: Handle): void;
  /** I have read that somebody came by my invitation. */
  putArrivalAway(who: Handle): void;
  /** I have read that a question is over. */
  forget(key: number): void;
  /** Asks somebody who follows me into the room where I am. */
  ping(who: Handle): Promise<Outcome>;
  /** I have read that somebody asks me in. */
  putPingAway(key: number): void;
}

type Entering = (message: (offer: string) => ClientMessage) => Promise<Outcome>;

export class RealTalks implements Talks {
  readonly #questions: Questions;
  /** As into any room that I start. */
  readonly #enter: Entering;
  readonly #state: () => TalkState;
  readonly #set: (change: Partial<TalkState>) => void;
  /** The room where I am. */
  readonly #here: () => RoomId | null;
  #key = 0;

  constructor(questions: Questions, enter: Entering, state: () => TalkState, set: (change: Partial<TalkState>) => void, here: () => RoomId | null) {
    this.#questions = questions;
    this.#enter = enter;
    this.#state = state;
    this.#set = set;
    this.#here = here;
  }

  setAvailable(to: Availability): Promise<Outcome> {
    return this.#questions.ask({ type: "available", request: 0, to });
  }
  ask(who: Handle): Promise<Outcome> {
    return this.#questions.ask({ type: "ask_to_talk", request: 0, who });
  }
  takeBack(): void {
    this.#questions.tell({ type: "take_ask_back" });
  }
  accept(who: Handle): Promise<Outcome> {
    return this.#enter((offer) => ({ type: "accept_talk", request: 0, who, offer }));
  }
  decline(who: Handle): void {
    this.#questions.tell({ type: "decline_talk", who });
  }
  putArrivalAway(who: Handle): void {
    this.#questions.tell({ type: "put_arrival_away", who });
  }
  forget(key: number): void {
    this.#set({ talksOver: this.#state().talksOver.filter((over) => over.key !== key) });
  }

  ping(who: Handle): Promise<Outcome> {
    return this.#questions.ask({ type: "ping_in", request: 0, who });
  }
  putPingAway(key: number): void {
    this.#set({ pinged: this.#state().pinged.filter((ping) => ping.key !== key) });
  }
  /** A room is not there for me any more, or I am in it: nobody asks me into it. */
  #settled(room: RoomId): void {
    const { pinged } = this.#state();
    if (pinged.some(({ card }) => card.room === room)) this.#set({ pinged: pinged.filter(({ card }) => card.room !== room) });
  }

  /** Of what the server says, what is of this. */
  received(message: ServerMessage): void {
    if (message.type === "hallway") message.changes.forEach((change) => change.type === "gone" && this.#settled(change.room));
    else if (message.type === "entered") this.#settled(message.view.room);
    else if (message.type === "company") this.#set({ company: message.company });
    else if (message.type === "talk_opened") this.#set({ called: { who: message.who, room: message.room } });
    else if (message.type === "pinged" && message.card.room !== this.#here()) {
      const others = this.#state().pinged.filter(({ by }) => by.handle !== message.by.handle);
      this.#set({ pinged: [...others, { key: ++this.#key, by: message.by, card: message.card }].slice(-PINGS_MAX) });
    } else if (message.type === "talk_over") {
      // Of one person the last word counts.
      const others = this.#state().talksOver.filter(({ who }) => who.handle !== message.who.handle);
      this.#set({ talksOver: [...others, { key: ++this.#key, who: message.who, why: message.why }] });
    }
  }
}
