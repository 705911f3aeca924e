import type { ErrorCode } from "../protocol/ErrorCode";
import type { Me } from "../protocol/Me";
import type { ServerDoor } from "../protocol/ServerDoor";
import type { SignedIn } from "../protocol/SignedIn";
import type { Api } from "./api";
import type { Session } from "../session/contract";

/** Between two knocks at a server that does not answer, in milliseconds. */
const KNOCK_AGAIN_MS = 3_000;

export type Phase =
  | { readonly is: "starting" }
  | { readonly is: "unreachable"; readonly why: ErrorCode }
  | { readonly is: "outside" }
  | { readonly is: "inside" };

/** Who we are to this server: from knocking to being inside. */
export class Entry {
  phase: Phase = $state.raw({ is: "starting" });
  door: ServerDoor | null = $state.raw(null);
  /** As the server last said over HTTP; the session's own `me` is fresher once its line is open. */
  me: Me | null = $state.raw(null);
  readonly #api: Api;
  readonly #session: Session;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(api: Api, session: Session) {
    this.#api = api;
    this.#session = session;
  }

  /** What the server is called; an empty text until it has a name. */
  get serverName(): string {
    return this.#session.state.server?.name ?? this.door?.name ?? "";
  }

  async knock(): Promise<void> {
    clearTimeout(this.#timer);
    const [door, me] = await Promise.all([this.#api.server(), this.#api.me()]);
    if (door.ok) this.door = door.value;
    if (me.ok) this.inside(me.value);
    else if (door.ok && me.error !== "busy" && me.error !== "internal") this.phase = { is: "outside" };
    else {
      this.phase = { is: "unreachable", why: door.ok ? "busy" : door.error };
      this.#timer = setTimeout(() => void this.knock(), KNOCK_AGAIN_MS);
    }
  }

  /** The cookie is set, but there is still something to be said before the hallway. */
  accepted(signedIn: SignedIn): void {
    this.me = signedIn.me;
  }

  inside(me: Me): void {
    this.me = me;
    this.phase = { is: "inside" };
    this.#session.open();
  }

  /** Signed out here or elsewhere. */
  outside(): void {
    this.#session.close();
    this.me = null;
    this.phase = { is: "outside" };
    void this.#api.server().then((door) => {
      if (door.ok) this.door = door.value;
    });
  }
}
