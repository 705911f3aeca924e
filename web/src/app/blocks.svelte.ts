import type { ErrorCode } from "../protocol/ErrorCode";
import type { Handle } from "../protocol/Handle";
import type { Profile } from "../protocol/Profile";
import type { Api } from "./api";

/** Whom I block, as far as this page has asked: so that I see it where they are. */
export class Blocks {
  handles: ReadonlySet<Handle> = $state.raw(new Set());
  people: readonly Profile[] | null = $state.raw(null);
  readonly #api: Pick<Api, "blocks" | "block" | "unblock">;

  constructor(api: Pick<Api, "blocks" | "block" | "unblock">) {
    this.#api = api;
  }

  /** Why it could not be asked, or nothing. */
  async load(): Promise<ErrorCode | null> {
    const answer = await this.#api.blocks();
    if (!answer.ok) return answer.error;
    this.people = answer.value;
    this.handles = new Set(answer.value.map(({ handle }) => handle));
    return null;
  }

  /** Blocks somebody, or no longer. */
  async turn(handle: Handle, to: "blocked" | "free"): Promise<ErrorCode | null> {
    const answer = to === "blocked" ? await this.#api.block(handle) : await this.#api.unblock(handle);
    // Of somebody who is not there for me any more the block was taken back all the same.
    if (!answer.ok && !(to === "free" && answer.error === "not_there")) return answer.error;
    return this.load();
  }
}
