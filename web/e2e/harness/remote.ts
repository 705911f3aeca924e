// People whose media goes over a network of its own.

import { test as base } from "./house.ts";
import { LossyNetwork } from "./lossy.ts";
import type { Person } from "./person.ts";

/** Somebody who has not opened a page yet, and their network. */
export interface Remote {
  readonly person: Person;
  readonly network: LossyNetwork;
}

export const test = base.extend<{ remote: (name: string) => Promise<Remote> }>({
  remote: async ({ server, calm }, use) => {
    const networks: LossyNetwork[] = [];
    await use(async (name) => {
      const person = await calm(name);
      const network = await LossyNetwork.before(person, server.port);
      networks.push(network);
      return { person, network };
    });
    for (const network of networks) network.close();
  },
});
