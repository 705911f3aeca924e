// A Firefox beside the Chromium of everybody else.

import { Firefox } from "./firefox.ts";
import { test as base } from "./house.ts";
import { expectKeptPromises } from "./promises.ts";

export const test = base.extend<{ fox: Firefox }>({
  fox: async ({ origin }, use) => {
    const fox = await Firefox.start("fox", 1500, origin);
    try {
      await use(fox);
      await expectKeptPromises(fox);
    } finally {
      await fox.close();
    }
  },
});

export { expect } from "./house.ts";
