// The test function of all browser tests: people, and a server if one is asked for.

import { type BrowserContextOptions, test as base } from "@playwright/test";
import type { Disk } from "./disk.ts";
import { createPerson, type Person } from "./person.ts";
import { expectKeptPromises } from "./promises.ts";
import { Server } from "./server.ts";
import { type Tone, TONES } from "./tones.ts";

export interface PersonOptions extends BrowserContextOptions {
  /** Where the page lives, if not at the server of this test. */
  readonly origin?: string;
}

interface Fixtures {
  /** More arguments of `vivavoce serve`, by `test.use`. */
  serverArguments: readonly string[];
  /** The address of the server's web, by `test.use`. */
  serverListens: string;
  /** Of its own, where a test gives it one. */
  disk: Disk | undefined;
  /** Started on a free port with an empty data directory, ended after the test. */
  server: Server;
  /** The only place that pages of this test may ask anything. */
  origin: string;
  /** Somebody with a browser context and a voice of their own; without a tone the next one that nobody has. */
  person: (name: string, tone?: Tone, options?: PersonOptions) => Promise<Person>;
}

export const test = base.extend<Fixtures>({
  serverArguments: [[], { option: true }],
  serverListens: ["127.0.0.1", { option: true }],

  disk: [undefined, { option: true }],

  server: async ({ serverArguments, serverListens, disk }, use, info) => {
    const server = await Server.start({ arguments: serverArguments, listen: serverListens, ...(disk && { disk }) });
    try {
      await use(server);
    } finally {
      if (info.status !== info.expectedStatus) await info.attach("server", { body: server.said });
      await server.stop();
    }
  },

  origin: async ({ server }, use) => use(server.origin),

  person: async ({ browser, origin }, use) => {
    const people: Person[] = [];
    await use(async (name, tone, { origin: home = origin, ...options } = {}) => {
      const free = TONES.find((candidate) => people.every((person) => person.tone !== candidate));
      const chosen = tone ?? free;
      if (chosen === undefined) throw new Error("more people than tones");
      const person = await createPerson(browser, home, name, chosen, "tone", options);
      people.push(person);
      return person;
    });
    try {
      for (const person of people) await expectKeptPromises(person);
    } finally {
      await Promise.all(people.map((person) => person.context.close()));
    }
  },
});

export { expect } from "@playwright/test";
