// What every page is held to after every test, seen to be noticed.

import { createPerson } from "../harness/person.ts";
import { expectKeptPromises } from "../harness/promises.ts";
import { expect, test as base } from "../harness/test.ts";
import { Wrongdoers, WRONGS } from "../harness/wrongs.ts";

const test = base.extend<{ wrongdoers: Wrongdoers }>({
  wrongdoers: async ({}, use) => {
    const wrongdoers = new Wrongdoers();
    await use(wrongdoers);
    wrongdoers.close();
  },
});

for (const { what, script, told } of WRONGS) {
  test(`${what} is noticed`, async ({ browser, wrongdoers }) => {
    const person = await createPerson(browser, await wrongdoers.serve(script), "ann", 440);
    await person.page.goto("/");
    await expect(person.page).toHaveTitle("done");
    await expect(expectKeptPromises(person)).rejects.toThrow(told);
    await person.context.close();
  });
}

test("a page that keeps to itself is left in peace", async ({ browser, wrongdoers }) => {
  const person = await createPerson(browser, await wrongdoers.serve("fetch('/').then(done)"), "ann", 440);
  await person.page.goto("/");
  await expect(person.page).toHaveTitle("done");
  await expectKeptPromises(person);
  await person.context.close();
});
