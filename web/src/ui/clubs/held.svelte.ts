// What an admin does about somebody is held back for as long as it can be undone: nobody is told twice.

import type { ClubAct } from "../../protocol/ClubAct";
import type { Handle } from "../../protocol/Handle";
import { UNDO_PERIOD } from "../../protocol/limits";

export class Held {
  /** What is about to be done, and about whom. */
  acts: ReadonlyMap<Handle, ClubAct> = $state.raw(new Map());
  readonly #timers = new Map<Handle, ReturnType<typeof setTimeout>>();
  readonly #send: (whom: Handle, act: ClubAct) => void;

  constructor(send: (whom: Handle, act: ClubAct) => void) {
    this.#send = send;
  }

  hold(whom: Handle, act: ClubAct): void {
    this.undo(whom);
    this.acts = new Map([...this.acts, [whom, act]]);
    this.#timers.set(whom, setTimeout(() => this.#go(whom), UNDO_PERIOD));
  }

  undo(whom: Handle): void {
    clearTimeout(this.#timers.get(whom));
    this.#timers.delete(whom);
    this.acts = new Map([...this.acts].filter(([other]) => other !== whom));
  }

  /** All of it now: whoever goes to another page meant it. */
  settle(): void {
    for (const whom of [...this.acts.keys()]) this.#go(whom);
  }

  #go(whom: Handle): void {
    const act = this.acts.get(whom);
    this.undo(whom);
    if (act) this.#send(whom, act);
  }
}
