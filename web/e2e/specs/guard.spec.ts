// What every page is held to after every test, seen to be noticed.

import { createServer } from "node:http";
import { once } from "node:events";
import { expectKeptPromises, createPerson } from "../harness/person.ts";
import { expect, test as base } from "../harness/test.ts";

const POLICY = "default-src 'none'; script-src 'unsafe-inline'; connect-src *; img-src *";

const test = base.extend<{ serve: (script: string) => Promise<string> }>({
  serve: async ({}, use) => {
    const stop: Array<() => void> = [];
    await use(async (script) => {
      const http = createServer((_, response) => {
        response.setHeader("content-type", "text/html");
        response.setHeader("content-security-policy", POLICY);
        response.end(`<!doctype html><title>x</title><script>${script}</script>`);
      });
      http.listen(0, "127.0.0.1");
      await once(http, "listening");
      stop.push(() => {
        http.closeAllConnections();
        http.close();
      });
      const address = http.address();
      if (address === null || typeof address === "string") throw new Error("no port");
      return `http://localhost:${address.port}`;
    });
    for (const each of stop) each();
  },
});

const WRONGS = [
  { what: "a request elsewhere", script: "fetch('http://127.0.0.1:9/').catch(() => {}).then(done)", told: "127.0.0.1:9" },
  { what: "a socket elsewhere", script: "new WebSocket('ws://127.0.0.1:9/').onerror = done", told: "ws://127.0.0.1:9" },
  { what: "an error", script: "setTimeout(() => { done(); throw new Error('oops') })", told: "oops" },
  {
    what: "a violation of the policy",
    script: "document.addEventListener('securitypolicyviolation', done); eval('1')",
    told: "script-src",
  },
];

for (const { what, script, told } of WRONGS) {
  test(`${what} is noticed`, async ({ browser, serve }) => {
    const origin = await serve(`const done = () => { document.title = 'done' }; ${script}`);
    const person = await createPerson(browser, origin, "ann", 440);
    await person.page.goto("/");
    await expect(person.page).toHaveTitle("done");
    await expect(expectKeptPromises(person)).rejects.toThrow(told);
    await person.context.close();
  });
}

test("a page that keeps to itself is left in peace", async ({ browser, serve }) => {
  const origin = await serve("fetch('/').then(() => { document.title = 'done' })");
  const person = await createPerson(browser, origin, "ann", 440);
  await person.page.goto("/");
  await expect(person.page).toHaveTitle("done");
  await expectKeptPromises(person);
  await person.context.close();
});
