// The server under a name of its own and over HTTPS, by itself and behind a proxy.

import { chromium, type Browser } from "@playwright/test";
import { Authority, type Files } from "../harness/authority.ts";
import { CHROMIUM_ARGS, chromiumPath } from "../harness/browsers.ts";
import { expectHears } from "../harness/hearing.ts";
import { acceptInvitation, claimServer, expectHallway } from "../harness/pages/door.ts";
import { Hallway } from "../harness/pages/hallway.ts";
import { makeInvitation } from "../harness/pages/settings.ts";
import { signOut } from "../harness/pages/signing.ts";
import { Authenticator, withoutOfferInField } from "../harness/passkeys.ts";
import { createPerson, type Person } from "../harness/person.ts";
import { freePort } from "../harness/ports.ts";
import { expectKeptPromises } from "../harness/promises.ts";
import { Proxy } from "../harness/proxy.ts";
import { Server } from "../harness/server.ts";
import { expect, test as base } from "../harness/test.ts";
import { until } from "../harness/until.ts";

const HOST = "rooms.test";

const test = base.extend<{ authority: Authority; files: Files; trusting: Browser }>({
  authority: async ({}, use) => {
    const authority = await Authority.found();
    await use(authority);
    await authority.close();
  },
  files: async ({ authority }, use) => use(await authority.sign(HOST)),
  trusting: async ({ authority }, use) => {
    const args = [...CHROMIUM_ARGS, ...authority.browserArguments(HOST)];
    const browser = await chromium.launch({ executablePath: chromiumPath(), args });
    await use(browser);
    await browser.close();
  },
});

/** Claimed, invited, out and in again by passkey, and heard. */
async function expectConversation(browser: Browser, server: Server, origin: string): Promise<[Person, Person]> {
  const olga = await createPerson(browser, origin, "olga", 440);
  const ann = await createPerson(browser, origin, "ann", 560);
  await withoutOfferInField(olga);
  await Authenticator.plugIn(olga);
  const link = await server.ownerLink();
  expect(new URL(link).origin).toBe(origin);
  await claimServer(olga.page, link, "olga");
  await olga.page.goto("/settings/signing-in");
  await olga.page.getByRole("button", { name: "Save a passkey here" }).click();
  await expect(olga.page.getByRole("button", { name: /^Remove the passkey of / })).toHaveCount(1);
  await signOut(olga.page);
  await olga.page.getByRole("button", { name: "Continue with a passkey" }).click();
  await expectHallway(olga.page);

  const invitation = await makeInvitation(olga.page);
  expect(new URL(invitation).origin).toBe(origin);
  await acceptInvitation(ann.page, invitation, "ann");
  expect(await olga.page.evaluate(() => isSecureContext)).toBe(true);
  const [cookie] = await olga.context.cookies(origin);
  expect(cookie).toMatchObject({ name: "__Host-s", secure: true, httpOnly: true, sameSite: "Lax" });

  const hallway = new Hallway(olga.page);
  await hallway.open();
  const stage = await hallway.start({ title: "In the open" });
  await stage.setMicrophone("open");
  await new Hallway(ann.page).enter("In the open");
  await expectHears(ann, [olga.tone]);
  return [olga, ann];
}

test("over HTTPS people sign in and hear each other, and a renewed certificate is taken without a pause", async ({
  authority,
  files,
  trusting,
}) => {
  const port = await freePort();
  const origin = `https://${HOST}:${port}`;
  const tls = ["--public-url", origin, "--tls-cert", files.cert, "--tls-key", files.key];
  const server = await Server.start({ arguments: tls, origin, port });
  try {
    const [olga, ann] = await expectConversation(trusting, server, origin);
    await expect(olga.page.getByText("Encrypted on the way")).toHaveCount(0);

    const before = await authority.serialAt(port, HOST);
    await authority.sign(HOST);
    expect(await authority.serialAt(port, HOST), "nothing changes by itself").toBe(before);
    server.reload();
    const after = await until("the renewed certificate", 10_000, async () => {
      const serial = await authority.serialAt(port, HOST);
      return serial !== before ? serial : undefined;
    });
    expect(after).not.toBe(before);
    await expectHears(ann, [olga.tone]);
    const late = await createPerson(trusting, origin, "late", 770);
    await late.page.goto("/");
    await expect(late.page.getByRole("heading", { name: "Welcome back to Kitchen Radio" })).toBeVisible();
    for (const person of [olga, ann, late]) await expectKeptPromises(person);
  } finally {
    await server.stop();
  }
});

test("behind a proxy that speaks TLS people sign in and hear each other", async ({ files, trusting }) => {
  const front = await freePort();
  const origin = `https://${HOST}:${front}`;
  let behind = 0;
  const proxy = await Proxy.open(front, () => behind, files);
  const server = await Server.start({ arguments: ["--public-url", origin, "--behind-proxy"], origin });
  behind = server.port;
  try {
    const people = await expectConversation(trusting, server, origin);
    for (const person of people) await expectKeptPromises(person);
  } finally {
    proxy.close();
    await server.stop();
  }
});

test("on an address that browsers do not trust the page says which one to use instead", async () => {
  // A name that is not localhost, over plain HTTP: what somebody types who saw it on another screen.
  const port = await freePort();
  const origin = `http://plain.test:${port}`;
  const server = await Server.start({ arguments: ["--public-url", `https://${HOST}`, "--behind-proxy"], origin, port });
  const args = [...CHROMIUM_ARGS, "--host-resolver-rules=MAP plain.test 127.0.0.1"];
  const another = await chromium.launch({ executablePath: chromiumPath(), args });
  try {
    const ann = await createPerson(another, origin, "ann", 440, "none");
    const { page } = ann;
    await page.goto(`/o${new URL(await server.ownerLink()).hash}`);
    await expect(page.getByText("On this address the browser keeps microphones and passkeys shut.")).toBeVisible();
    await expect(page.getByRole("link", { name: `Use https://${HOST} instead.` })).toBeVisible();
    await expectKeptPromises(ann);
  } finally {
    await another.close();
    await server.stop();
  }
});
