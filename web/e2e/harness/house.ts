// A server with members, signed up without screens: for stories that begin in the hallway.

import { test as base } from "./test.ts";
import { ask, connections } from "./hearing.ts";
import { Hallway } from "./pages/hallway.ts";
import type { Room } from "./pages/room.ts";
import type { Person } from "./person.ts";
import type { Server } from "./server.ts";
import { Tap } from "./tap.ts";

/** Somebody signed in, with their hallway open. */
export interface Member extends Person {
  readonly hallway: Hallway;
}

export class House {
  #invitation: string | undefined;

  constructor(
    readonly server: Server,
    readonly person: (name: string) => Promise<Person>,
  ) {}

  /** The first is the owner of the server; the others come by one invitation for many. */
  async member(name: string): Promise<Member> {
    const person = await this.person(name);
    await this.signUp(person);
    return arrive(person);
  }

  async members<const Names extends readonly string[]>(...names: Names): Promise<{ [Name in keyof Names]: Member }> {
    const all: Member[] = [];
    for (const name of names) all.push(await this.member(name));
    return all as { [Name in keyof Names]: Member };
  }

  /** A second device of a member, by a link from the shell. */
  async device(of: string, name: string): Promise<Member> {
    const person = await this.person(name);
    await this.#post(person, "/signin/link", { token: token(await this.signInLink(of)) });
    return arrive(person);
  }

  async signInLink(handle: string): Promise<string> {
    return link(await this.server.admin("signin-link", handle));
  }

  async signUp(person: Person): Promise<void> {
    const { name } = person;
    if (this.#invitation === undefined) {
      const owner = token(await this.server.ownerLink());
      await this.#post(person, "/owner", { token: owner, server_name: "Kitchen Radio", name, handle: name });
      this.#invitation = token(link(await this.server.admin("invite", "--uses", "50")));
    } else {
      await this.#post(person, "/invites/accept", { token: this.#invitation, name, handle: name });
    }
  }

  async #post(person: Person, path: string, data: unknown): Promise<void> {
    const { origin } = this.server;
    const answer = await person.context.request.post(`${origin}/api/v1${path}`, { data, headers: { origin } });
    if (!answer.ok()) throw new Error(`${path}: ${answer.status()} ${await answer.text()}`);
  }
}

async function arrive(person: Person): Promise<Member> {
  const hallway = new Hallway(person.page);
  await hallway.open();
  return { ...person, hallway };
}

function link(said: string): string {
  const [found] = said.match(/https?:\/\/\S+#[\w-]+/) ?? [];
  if (found === undefined) throw new Error(`no link in: ${said}`);
  return found;
}

function token(url: string): string {
  return new URL(url).hash.slice(1);
}

/** Onto the stage with an open microphone, by the way of hand, call and yes. */
export async function bringOnStage(moderator: Room, name: string, room: Room): Promise<void> {
  await room.raiseHand();
  await moderator.bringUp(name);
  await room.comeUp();
  await room.setMicrophone("open");
}

/** The UDP port of the one connection that somebody has. */
export async function portOf(person: Person): Promise<number> {
  const ports = (await connections(person)).flatMap(({ state, port }) => (state === "connected" && port !== null ? [port] : []));
  const [port] = ports;
  if (port === undefined || ports.length > 1) throw new Error(`${person.name} has ${ports.length} connections`);
  return port;
}

/** Notes the moment of the page's next tap, before anything of the page hears of it; `tappedAt` gives it. */
export async function noteNextTap(person: Person): Promise<void> {
  await ask(
    person,
    () => {
      delete document.documentElement.dataset["tapped"];
      const note = (): void => void (document.documentElement.dataset["tapped"] = String(Date.now()));
      addEventListener("pointerdown", note, { once: true, capture: true });
    },
    undefined,
  );
}

/** In milliseconds since 1970. */
export async function tappedAt(person: Person): Promise<number> {
  const at = await ask(person, () => Number(document.documentElement.dataset["tapped"]), undefined);
  if (!Number.isFinite(at)) throw new Error(`${person.name} has tapped nothing`);
  return at;
}

export const test = base.extend<{ house: House; tap: Tap }>({
  house: async ({ server, person }, use) => use(new House(server, person)),
  tap: async ({ server }, use) => {
    const tap = await Tap.start(server.port);
    await use(tap);
    tap.stop();
  },
});

export { expect } from "./test.ts";
