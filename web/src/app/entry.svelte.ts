import type { ErrorCode } from "../protocol/ErrorCode";
import type { Me } from "../protocol/Me";
import type { SandboxState } from "../protocol/SandboxState";
import type { ServerDoor } from "../protocol/ServerDoor";
import type { Api } from "./api";
import type { Session } from "../session/contract";

/** Between two knocks at a server that does not answer, in milliseconds. */
const KNOCK_AGAIN_MS = 3_000;

export type Phase =
  | { readonly is: "starting" }
  | { readonly is: "unreachable"; readonly why: ErrorCode }
  | { readonly is: "outside" }
  /** There is no account any more to be inside with. */
  | { readonly is: "erased" }
  | { readonly is: "inside" };

/** Who we are to this server: from knocking to being inside. */
export class Entry {
  phase: Phase = $state.raw({ is: "starting" });
  door: ServerDoor | null = $state.raw(null);
  /** Me, as whoever told last: the session's line or an answer over HTTP. */
  me: Me | null = $state.raw(null);
  readonly #api: Api;
  readonly #session: Session;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(api: Api, session: Session) {
    this.#api = api;
    this.#session = session;
    let told: Me | null = null;
    session.subscribe(({ me }) => {
      if (me !== null && me !== told) this.me = told = me;
    });
  }

  /** What the server is called; an empty text until it has a name. */
  get serverName(): string {
    return this.#session.state.server?.name ?? this.door?.name ?? "";
  }

  /** How far the server is locked in; known from the first knock. */
  get sandbox(): SandboxState {
    return this.#session.state.server?.sandbox ?? this.door?.sandbox ?? "full";
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

  /** Counts in `me` change by what is done over HTTP: ways back in, invitations. */
  async refresh(): Promise<void> {
    const me = await this.#api.me();
    if (me.ok) this.me = me.value;
  }

  inside(me: Me): void {
    this.me = me;
    this.phase = { is: "inside" };
    this.#session.open();
  }

  /** The server has forgotten me. */
  erased(): void {
    this.outside();
    this.phase = { is: "erased" };
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
