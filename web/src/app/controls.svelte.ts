import type { ErrorCode } from "../protocol/ErrorCode";
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

/** What buttons, keys and the dock do, in one place, so that all of them do the same. */
export class Controls {
  /** The hand I asked for and the server has not confirmed. */
  wantedHand: "up" | "down" | null = $state.raw(null);
  /** Why a room could not be entered. */
  refusal: { readonly room: RoomId; readonly error: ErrorCode } | null = $state.raw(null);
  /** The question to an owner who leaves. */
  handingOver: "no" | "asked" = $state.raw("no");
  help: "shut" | "open" = $state.raw("shut");
  troubles: readonly Trouble[] = $state.raw([]);
  readonly #session: Session;
  readonly #live: Live;
  readonly #nav: Navigation;
  #key = 0;

  constructor(session: Session, live: Live, nav: Navigation) {
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
    this.refusal = null;
    this.#session.forgetLeft();
    if (this.#nav.go({ at: "room", room }, this.#nav.route.at === "room" ? "replace" : "push") === "loaded") return;
    if (this.#live.room?.room === room) return;
    const outcome = await this.#session.enterRoom(room);
    if (!outcome.ok) this.refusal = { room, error: outcome.error };
  }

  async start(room: NewRoom): Promise<Outcome> {
    this.#session.forgetLeft();
    const outcome = await this.#session.startRoom(room);
    const started = this.#session.state.room;
    if (outcome.ok && started) this.#nav.go({ at: "room", room: started.room });
    return outcome;
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
  leave(): void {
    const room = this.#live.room;
    if (room === null) return;
    if (lastKeeper(room)) this.handingOver = "asked";
    else this.leaveNow();
  }

  leaveNow(): void {
    this.handingOver = "no";
    this.wantedHand = null;
    this.#session.leave();
    if (this.#nav.route.at === "room") this.#nav.go({ at: "hallway" }, "replace");
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
