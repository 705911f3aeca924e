import type { Company } from "../protocol/Company";
import type { Me } from "../protocol/Me";
import type { RoomCard } from "../protocol/RoomCard";
import type { Session } from "../session/contract";
import { EMPTY, type Left, type Line, type Room, type SessionState } from "../session/state";

/** The session's state, as something that screens can depend on part by part. */
export class Live {
  state: SessionState = $state.raw(EMPTY);
  readonly #session: Session;

  readonly me: Me | null = $derived(this.state.me);
  readonly line: Line = $derived(this.state.line);
  readonly room: Room | null = $derived(this.state.room);
  readonly left: Left | null = $derived(this.state.left);
  readonly hallway: readonly RoomCard[] = $derived(this.state.hallway);

  readonly eventsEdition: number = $derived(this.state.eventsEdition);
  readonly company: Company = $derived(this.state.company);

  constructor(session: Session) {
    this.#session = session;
    this.state = session.state;
    session.subscribe((state) => {
      this.state = state;
    });
  }

  /** The session's clock, in milliseconds. */
  now(): number {
    return this.#session.now();
  }
}
