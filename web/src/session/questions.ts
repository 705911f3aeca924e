// What the server was asked and told to do, and has not answered yet.

import type { ClientMessage } from "../protocol/ClientMessage";
import type { CommandId } from "../protocol/CommandId";
import type { ErrorCode } from "../protocol/ErrorCode";
import type { RoomCommand } from "../protocol/RoomCommand";
import type { ServerMessage } from "../protocol/ServerMessage";
import type { Outcome } from "./state";

/** How long an answer may take before the question counts as lost with its line. */
const ANSWER_MAX_MS = 10_000;

export type Answer = { readonly ok: true; readonly message: ServerMessage } | { readonly ok: false; readonly error: ErrorCode };
const LOST = { ok: false, error: "busy" } as const;

interface World {
  after(ms: number, act: () => void): () => void;
  randomId(): string;
}

export class Questions {
  readonly #world: World;
  /** False when there is no line to say it on. */
  readonly #send: (message: ClientMessage) => boolean;
  #request = 0;
  readonly #asked = new Map<number, (answer: Answer) => void>();
  readonly #told = new Map<CommandId, (outcome: Outcome) => void>();

  constructor(world: World, send: (message: ClientMessage) => boolean) {
    this.#world = world;
    this.#send = send;
  }

  /** The message gets a number of its own. */
  ask(message: ClientMessage): Promise<Answer> {
    this.#request += 1;
    const request = this.#request;
    return this.#wait(this.#asked, request, { ...message, request } as ClientMessage);
  }

  /** What has no answer. */
  tell(message: ClientMessage): void {
    this.#send(message);
  }

  command(command: RoomCommand): Promise<Outcome> {
    const id = this.#world.randomId() as CommandId;
    return this.#wait(this.#told, id, { type: "command", id, command });
  }

  /** False when nobody waits for it any more. */
  answered(request: number, answer: Answer): boolean {
    return resolve(this.#asked, request, answer);
  }

  done(id: CommandId, outcome: Outcome): void {
    resolve(this.#told, id, outcome);
  }

  /** No answer comes on a line that fell. */
  lost(): void {
    for (const request of [...this.#asked.keys()]) this.answered(request, LOST);
    for (const id of [...this.#told.keys()]) this.done(id, LOST);
  }

  #wait<Key, Said>(waiting: Map<Key, (said: Said | typeof LOST) => void>, key: Key, message: ClientMessage): Promise<Said | typeof LOST> {
    return new Promise((answer) => {
      if (!this.#send(message)) return answer(LOST);
      const cancel = this.#world.after(ANSWER_MAX_MS, () => resolve(waiting, key, LOST));
      waiting.set(key, (said) => {
        cancel();
        answer(said);
      });
    });
  }
}

function resolve<Key, Said>(waiting: Map<Key, (said: Said) => void>, key: Key, said: Said): boolean {
  const answer = waiting.get(key);
  waiting.delete(key);
  answer?.(said);
  return answer !== undefined;
}
