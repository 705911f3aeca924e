// The test function of tests that walk through the gallery: people, and screens instead of a server.

import { Gallery } from "./gallery.ts";
import { test as base } from "./test.ts";

export const test = base.extend<{ gallery: Gallery }>({
  gallery: async ({}, use) => {
    const gallery = await Gallery.open();
    await use(gallery);
    await gallery.close();
  },
  origin: async ({ gallery }, use) => use(gallery.origin),
});

export { expect } from "./test.ts";
