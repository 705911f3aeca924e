// A server with members, signed up without screens: for stories that begin in the hallway.

import { type APIRequestContext, request } from "@playwright/test";
import { expect, test as base } from "./test.ts";
import { ask, connections } from "./hearing.ts";
import { Hallway } from "./pages/hallway.ts";
import type { Room } from "./pages/room.ts";
import type { Person } from "./person.ts";
import type { Server } from "./server.ts";
import { Tap } from "./tap.ts";

/** Who has received nothing for so long receives nothing: fifty packets of a voice. */
const RECEIVING_MS = 1_000;

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
    return this.welcome(await this.person(name));
  }

  async members<const Names extends readonly string[]>(...names: Names): Promise<{ [Name in keyof Names]: Member }> {
    const all: Member[] = [];
    for (const name of names) all.push(await this.member(name));
    return all as { [Name in keyof Names]: Member };
  }

  /** Signs somebody up who has a browser already. */
  async welcome(person: Person): Promise<Member> {
    await this.signUp(person);
    return arrive(person);
  }

  /** Signed up, before the first page. */
  async signUp(person: Person): Promise<void> {
    await this.#signUp(person.name, person.context.request);
  }

  /** A member without a browser yet. */
  async enrol(name: string): Promise<void> {
    const nobody = await request.newContext();
    await this.#signUp(name, nobody);
    await nobody.dispose();
  }

  /** A second device of a member, by a link from the shell. */
  async device(of: string, name: string): Promise<Member> {
    const person = await this.person(name);
    await this.#post(person.context.request, "/signin/link", { token: token(await this.signInLink(of)) });
    return arrive(person);
  }

  async signInLink(handle: string): Promise<string> {
    return link(await this.server.admin("signin-link", handle));
  }

  async #signUp(name: string, browser: APIRequestContext): Promise<void> {
    if (this.#invitation === undefined) {
      const owner = token(await this.server.ownerLink());
      await this.#post(browser, "/owner", { token: owner, server_name: "Kitchen Radio", name, handle: name });
      this.#invitation = token(link(await this.server.admin("invite", "--uses", "50")));
    } else {
      await this.#post(browser, "/invites/accept", { token: this.#invitation, name, handle: name });
    }
  }

  async #post(browser: APIRequestContext, path: string, data: unknown): Promise<void> {
    const { origin } = this.server;
    const answer = await browser.post(`${origin}/api/v1${path}`, { data, headers: { origin } });
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

/** In a tab of its own, so that whatever goes on in the first goes on. */
export async function follow(member: Member, name: string): Promise<void> {
  const tab = await member.context.newPage();
  await tab.goto(`/people/${name}`);
  await tab.getByRole("button", { name: `Follow ${name}` }).click();
  await expect(tab.getByRole("button", { name: `Stop following ${name}` })).toBeVisible();
  await tab.close();
}

/** Where the page shows somebody: asked once more, and done. */
export async function block({ page }: Person, name: string): Promise<void> {
  await page.getByRole("button", { name: /^Block For them/ }).click();
  await page.getByRole("group", { name: `Block ${name}?` }).getByRole("button", { name: `Block ${name}` }).click();
  await expect(page.getByRole("button", { name: /^Block Blocked/ })).toHaveAttribute("aria-pressed", "true");
}

/** The UDP port of the one connection that somebody has. */
export async function portOf(person: Person): Promise<number> {
  const ports = (await connections(person)).flatMap(({ state, port }) => (state === "connected" && port !== null ? [port] : []));
  const [port] = ports;
  if (port === undefined || ports.length > 1) throw new Error(`${person.name} has ${ports.length} connections`);
  return port;
}

/** The page's next tap is where its `soundLog` begins, before anything of the page hears of the tap. */
export async function markAtNextTap(person: Person): Promise<void> {
  const listen = (): void => addEventListener("pointerdown", () => window.ears.mark(), { once: true, capture: true });
  await ask(person, listen, undefined);
}

/** Waits until those who receive audio are exactly these: one port each, and no other. */
export async function expectReceiving(tap: Tap, people: readonly Person[], withinMs = 5_000): Promise<void> {
  const wanted = (await Promise.all(people.map(portOf))).sort();
  const receiving = async (): Promise<number[]> => {
    const { at, to } = await tap.after(Date.now());
    return Object.keys(to).map(Number).filter((port) => at - (to[port] ?? 0) < RECEIVING_MS).sort();
  };
  const message = `${people.map(({ name }) => name).join(", ")} receive audio, and nobody else`;
  await expect.poll(receiving, { timeout: withinMs, message }).toEqual(wanted);
}

export const test = base.extend<{ house: House; tap: Tap; calm: (name: string) => Promise<Person> }>({
  // Rings that glow on six screens at once take the time of those who talk.
  calm: async ({ person }, use) => use((name) => person(name, undefined, { reducedMotion: "reduce" })),
  house: async ({ server, calm }, use) => use(new House(server, calm)),
  tap: async ({ server }, use) => {
    const tap = await Tap.start(server.port);
    await use(tap);
    tap.stop();
  },
});

export { expect } from "./test.ts";
