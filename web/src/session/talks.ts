// Who would like to talk, and asks whom, before there is a room. What is true of it the server says, as a whole, whenever it
// changes.

import type { Acquaintance } from "../protocol/Acquaintance";
import type { Availability } from "../protocol/Availability";
import type { ClientMessage } from "../protocol/ClientMessage";
import type { Company } from "../protocol/Company";
import type { Handle } from "../protocol/Handle";
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

export interface TalkState {
  readonly company: Company;
  readonly talksOver: readonly TalkOver[];
  /** Whom I asked said yes, and waits there. */
  readonly called: { readonly who: Acquaintance; readonly room: RoomId } | null;
}

export const ALONE: TalkState = {
  company: { available_until: null, available: [], asking: null, asked_by: [], arrived: [] },
  talksOver: [],
  called: null,
};

/** Whether any question stands, or is over and was not read yet. */
export function isTalkedOf({ company: { asking, asked_by, arrived }, talksOver }: TalkState): boolean {
  return asking !== null || asked_by.length + arrived.length + talksOver.length > 0;
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
}

type Entering = (message: (offer: string) => ClientMessage) => Promise<Outcome>;

export class RealTalks implements Talks {
  readonly #questions: Questions;
  /** As into any room that I start. */
  readonly #enter: Entering;
  readonly #state: () => TalkState;
  readonly #set: (change: Partial<TalkState>) => void;
  #key = 0;

  constructor(questions: Questions, enter: Entering, state: () => TalkState, set: (change: Partial<TalkState>) => void) {
    this.#questions = questions;
    this.#enter = enter;
    this.#state = state;
    this.#set = set;
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

  /** Of what the server says, what is of this. */
  received(message: ServerMessage): void {
    if (message.type === "company") this.#set({ company: message.company });
    else if (message.type === "talk_opened") this.#set({ called: { who: message.who, room: message.room } });
    else if (message.type === "talk_over") {
      // Of one person the last word counts.
      const others = this.#state().talksOver.filter(({ who }) => who.handle !== message.who.handle);
      this.#set({ talksOver: [...others, { key: ++this.#key, who: message.who, why: message.why }] });
    }
  }
}
