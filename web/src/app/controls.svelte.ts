import type { ErrorCode } from "../protocol/ErrorCode";
import type { EventId } from "../protocol/EventId";
import type { Handle } from "../protocol/Handle";
import type { NewRoom } from "../protocol/NewRoom";
import type { Reaction } from "../protocol/Reaction";
import type { RoomCommand } from "../protocol/RoomCommand";
import type { RoomId } from "../protocol/RoomId";
import type { Session } from "../session/contract";
import type { Outcome } from "../session/state";
import { lastKeeper } from "../ui/room/people";
import type { Live } from "./live.svelte";
import type { Navigation } from "./navigation.svelte";

/** How long something that went wrong stays on screen, in milliseconds. */
const TROUBLE_MS = 7_000;

export interface Trouble {
  readonly key: number;
  readonly error: ErrorCode;
}

/** What whoever keeps order last says before going: somebody else does now, or nobody has to; the room ends; or they stay. */
export type HandOver = "goes" | "ended" | "stays";

/** What buttons, keys and the dock do, in one place, so that all of them do the same. */
export class Controls {
  /** The hand I asked for and the server has not confirmed. */
  wantedHand: "up" | "down" | null = $state.raw(null);
  /** Why a room could not be entered. */
  refusal: { readonly room: RoomId; readonly error: ErrorCode } | null = $state.raw(null);
  /** On the way up, to which I said yes when I asked to talk. */
  comingUp: "no" | "yes" = $state.raw("no");
  /** The question to whoever keeps order last, and goes. */
  handingOver: "no" | "asked" = $state.raw("no");
  help: "shut" | "open" = $state.raw("shut");
  /** A part of the page that could not be fetched. */
  missing: "nothing" | "a part" = $state.raw("nothing");
  troubles: readonly Trouble[] = $state.raw([]);
  readonly #session: Session;
  readonly #live: Live;
  readonly #nav: Pick<Navigation, "route" | "go">;
  #key = 0;
  #answer: (answer: HandOver) => void = () => undefined;

  constructor(session: Session, live: Live, nav: Pick<Navigation, "route" | "go">) {
    this.#session = session;
    this.#live = live;
    this.#nav = nav;
  }

  /** My hand as the screen shows it. */
  get hand(): "up" | "down" {
    const place = this.#live.room?.you.place.at;
    return this.wantedHand ?? (place === "hand_raised" || place === "invited" ? "up" : "down");
  }

  async enter(room: RoomId): Promise<void> {
    const here = this.#live.room?.room === room;
    if (!here && (await this.#before()) === "stays") return;
    this.refusal = null;
    this.#session.forgetLeft();
    if (this.#nav.go({ at: "room", room }, this.#nav.route.at === "room" ? "replace" : "push") === "loaded" || here) return;
    const outcome = await this.#session.enterRoom(room);
    if (!outcome.ok) this.refusal = { room, error: outcome.error };
  }

  /** Null when whoever keeps order last thought better of it. */
  async start(room: NewRoom): Promise<Outcome | null> {
    if ((await this.#before()) === "stays") return null;
    this.#session.forgetLeft();
    const outcome = await this.#session.startRoom(room);
    const started = this.#session.state.room;
    if (outcome.ok && started) this.#nav.go({ at: "room", room: started.room });
    return outcome;
  }

  /** Into the room of an event; whoever hosts it opens it. */
  async openEvent(event: EventId): Promise<void> {
    if ((await this.#before()) === "stays") return;
    this.#session.forgetLeft();
    const outcome = await this.#session.openEvent(event);
    const started = this.#session.state.room;
    if (!outcome.ok) this.#trouble(outcome.error);
    else if (started) this.#nav.go({ at: "room", room: started.room });
  }

  /** Yes to somebody who asks me to talk. */
  async accept(who: Handle): Promise<void> {
    if ((await this.#before()) === "stays") return;
    this.#session.forgetLeft();
    const outcome = await this.#session.talks.accept(who);
    const started = this.#session.state.room;
    if (!outcome.ok) this.#trouble(outcome.error);
    else if (started) this.#nav.go({ at: "room", room: started.room });
  }

  /** Whom I asked to talk said yes: in, and up, which is what I asked for. */
  async comeAndTalk(room: RoomId): Promise<void> {
    await this.enter(room);
    const me = this.#session.state.room;
    if (me?.room !== room) return;
    this.comingUp = "yes";
    const asked = await this.do({ do: "invite_to_stage", who: me.you.id });
    if (asked.ok) await this.#session.comeUp();
    this.comingUp = "no";
  }

  async toggleMicrophone(): Promise<void> {
    const room = this.#live.room;
    if (room?.you.place.at !== "stage" || room.you.place.mic === "held") return;
    const shown = room.wantedMic ?? room.you.place.mic;
    const outcome = await this.#session.setMic(shown === "open" ? "muted" : "open");
    // A refused microphone has its own panel; other refusals are said.
    const microphone = this.#live.room?.microphone.is;
    if (!outcome.ok && microphone !== "denied" && microphone !== "missing") this.#trouble(outcome.error);
  }

  async toggleHand(): Promise<void> {
    const room = this.#live.room;
    if (room === null || room.you.place.at === "stage" || room.you.place.at === "invited") return;
    const up = this.hand === "down";
    if (up && !room.you.may_raise_hand) return;
    this.wantedHand = up ? "up" : "down";
    await this.do({ do: up ? "raise_hand" : "lower_hand" });
    this.wantedHand = null;
  }

  /** A finger that is too quick is told nothing: it sees what it did. */
  async react(reaction: Reaction): Promise<void> {
    const outcome = await this.#session.react(reaction);
    if (!outcome.ok && outcome.error !== "too_many") this.#trouble(outcome.error);
  }

  /** Instant and silent, but the last who keeps order is asked who does so afterwards. */
  async leave(): Promise<void> {
    // A room that ends is seen to its end.
    if (this.#live.room === null || (await this.#before()) !== "goes") return;
    this.wantedHand = null;
    this.#session.leave();
    if (this.#nav.route.at === "room") this.#nav.go({ at: "hallway" }, "replace");
  }

  /** The answer to who keeps order afterwards. */
  handOver(answer: HandOver): void {
    this.handingOver = "no";
    this.#answer(answer);
  }

  /** Before somebody goes from the room they are in, wherever they go. */
  #before(): Promise<HandOver> {
    const room = this.#live.room;
    if (room === null || !lastKeeper(room)) return Promise.resolve("goes");
    this.#answer("stays");
    this.handingOver = "asked";
    return new Promise((answer) => (this.#answer = answer));
  }

  /** Sends a command; a refusal is said on screen. */
  async do(command: RoomCommand): Promise<Outcome> {
    const outcome = await this.#session.command(command);
    if (!outcome.ok) this.#trouble(outcome.error);
    return outcome;
  }

  say(error: ErrorCode): void {
    this.#trouble(error);
  }

  forget(key: number): void {
    this.troubles = this.troubles.filter((trouble) => trouble.key !== key);
  }

  #trouble(error: ErrorCode): void {
    const key = ++this.#key;
    this.troubles = [...this.troubles.filter((trouble) => trouble.error !== error), { key, error }];
    setTimeout(() => this.forget(key), TROUBLE_MS);
  }
}
