// From an empty server to its first people.

import { expect, test } from "../harness/house.ts";
import { acceptInvitation, claimServer, comeIn, expectHallway } from "../harness/pages/door.ts";
import { makeInvitation } from "../harness/pages/settings.ts";
import { expectSignedOut, shownCodes, signOut, useRecoveryCode } from "../harness/pages/signing.ts";
import { Authenticator } from "../harness/passkeys.ts";
import type { Person } from "../harness/person.ts";

/** `protocol::limits::INVITE_PERIOD`. */
const INVITE_DAYS = 7;

test("the owner comes by the printed link, saves a passkey and makes the first links; the link works once", async ({
  server,
  person,
}) => {
  const [ann, mo] = [await person("ann"), await person("mo")];
  const link = await server.ownerLink();

  await mo.page.goto("/");
  await expect(mo.page.getByRole("heading", { name: "This server is waiting for its owner" })).toBeVisible();

  const authenticator = await Authenticator.plugIn(ann);
  const { page } = ann;
  await page.goto(link);
  await page.getByLabel("Name your server").fill("Kitchen Radio");
  await page.getByRole("button", { name: "Next" }).click();
  await page.getByLabel("What shall people call you?").fill("Ann");
  await expect(page.getByLabel("Your handle")).toHaveValue("ann");
  await page.getByRole("button", { name: "Open the house" }).click();
  await page.getByRole("button", { name: "Save a passkey" }).click();
  await page.getByRole("button", { name: "Make three links" }).click();
  expect(await authenticator.count()).toBe(1);
  await expect(page.getByRole("button", { name: "The address as a picture to scan" })).toHaveCount(3);
  await page.getByRole("button", { name: "Open the hallway" }).click();
  await expectHallway(page);
  await page.reload();
  await expectHallway(page);

  await page.goto("/settings/invitations");
  await expect(page.getByText("Not used yet")).toHaveCount(3);

  // A second pair of hands gets as far as the names, and no further.
  await mo.page.goto(link);
  await mo.page.getByLabel("Name your server").fill("Mine now");
  await mo.page.getByRole("button", { name: "Next" }).click();
  await mo.page.getByLabel("What shall people call you?").fill("Mo");
  await mo.page.getByRole("button", { name: "Open the house" }).click();
  await expect(mo.page.getByRole("heading", { name: "This owner's link does not work any more" })).toBeVisible();
  expect(await server.admin("member", "list")).not.toMatch(/@mo\b/);
});

test("an owner who wants no passkey takes recovery codes", async ({ server, person }) => {
  const { page } = await person("ann");
  await page.goto(await server.ownerLink());
  await page.getByLabel("Name your server").fill("Kitchen Radio");
  await page.getByRole("button", { name: "Next" }).click();
  await page.getByLabel("What shall people call you?").fill("Ann");
  await page.getByRole("button", { name: "Open the house" }).click();
  await page.getByRole("button", { name: "Recovery codes instead" }).click();
  const codes = await shownCodes(page);
  expect(new Set(codes).size).toBe(8);
  await page.getByRole("button", { name: "I have kept them" }).click();
  await page.getByRole("button", { name: "Later" }).click();
  await expectHallway(page);
});

test("on a plain IP address there are no passkeys, and recovery codes are offered instead", async ({ server, person }) => {
  const origin = `http://127.0.0.1:${server.port}`;
  const ann = await person("ann", undefined, { origin });
  await Authenticator.plugIn(ann);
  const { page } = ann;
  await page.goto(`${origin}/o${new URL(await server.ownerLink()).hash}`);
  await page.getByLabel("Name your server").fill("Kitchen Radio");
  await page.getByRole("button", { name: "Next" }).click();
  await page.getByLabel("What shall people call you?").fill("Ann");
  await page.getByRole("button", { name: "Open the house" }).click();
  await expect(page.getByRole("button", { name: "Save a passkey" })).toHaveCount(0);
  await page.getByRole("button", { name: "Make recovery codes" }).click();
  const [code = ""] = await shownCodes(page);
  await page.getByRole("button", { name: "I have kept them" }).click();
  await page.getByRole("button", { name: "Later" }).click();
  await signOut(page);
  await expectSignedOut(page);
  await useRecoveryCode(page, "ann", code);
  await expectHallway(page);
});

test("a guest is told who invites them, comes in, and both see where the invitation went", async ({ server, person }) => {
  const [ann, ben] = [await person("ann"), await person("ben")];
  await claimServer(ann.page, await server.ownerLink(), "Ann");
  const link = await makeInvitation(ann.page, "Ben from work");
  await ben.page.goto(link);
  await expect(ben.page.getByRole("heading", { name: "Ann invites you to Kitchen Radio" })).toBeVisible();
  await comeIn(ben.page, link, "Ben");
  await ben.page.getByRole("button", { name: "Later" }).click();
  await expectHallway(ben.page);
  await ben.page.goto("/people/ben");
  await expect(ben.page.getByRole("link", { name: "Invited by @ann" })).toBeVisible();
  await ann.page.goto("/settings/invitations");
  await expect(ann.page.getByRole("listitem").filter({ hasText: "For Ben from work" })).toContainText("@ben came");
});

test("an invitation is not used up by a member who opens it", async ({ server, person }) => {
  const [ann, ben] = [await person("ann"), await person("ben")];
  await claimServer(ann.page, await server.ownerLink(), "Ann");
  const link = await makeInvitation(ann.page);
  await ann.page.goto(link);
  await expect(ann.page.getByRole("heading", { name: "You are in already, as Ann" })).toBeVisible();
  await acceptInvitation(ben.page, link, "Ben");
});

test("an invitation used by two at once makes exactly one account", async ({ server, person }) => {
  const [ann, ben, cleo] = [await person("ann"), await person("ben"), await person("cleo")];
  await claimServer(ann.page, await server.ownerLink(), "Ann");
  const link = await makeInvitation(ann.page);
  for (const guest of [ben, cleo]) {
    await guest.page.goto(link);
    await guest.page.getByLabel("What shall people call you?").fill(guest.name);
  }
  await Promise.all([ben, cleo].map(({ page }) => page.getByRole("button", { name: "Come in" }).click()));
  const spent = "This invitation does not work any more";
  for (const { page } of [ben, cleo]) {
    await expect(page.getByRole("heading", { name: new RegExp(`^Welcome|^${spent}`) })).toBeVisible();
  }
  const refused = [ben, cleo].map(({ page }) => page.getByRole("heading", { name: spent }).isVisible());
  expect((await Promise.all(refused)).sort()).toEqual([false, true]);
  const members = (await server.admin("member", "list")).match(/@\w+(?=\s+\w+\s+(?:owner|member))/g);
  expect(members).toHaveLength(2);
});

test("used, taken back, lapsed and never made: the same sentence, the same bytes", async ({ server, person }) => {
  const [ann, ben, cleo] = [await person("ann"), await person("ben"), await person("cleo")];
  await claimServer(ann.page, await server.ownerLink(), "Ann");
  const lapsed = await makeInvitation(ann.page, "lapsed");
  await cleo.page.goto(lapsed);
  await cleo.page.getByLabel("What shall people call you?").fill("Cleo");
  // What is stored is stored to the day: it stands until the end of its last one.
  await server.elapse(INVITE_DAYS);
  expect((await previewed(cleo, lapsed)).status).toBe(200);
  await server.elapse(1);
  await cleo.page.getByRole("button", { name: "Come in" }).click();
  await expect(cleo.page.getByRole("heading", { name: "This invitation does not work any more" })).toBeVisible();
  await ann.page.reload();
  await expect(ann.page.getByRole("listitem").filter({ hasText: "For lapsed" })).toContainText("Lapsed");

  const used = await makeInvitation(ann.page, "used");
  await acceptInvitation(ben.page, used, "Ben");
  await ann.page.getByRole("group", { name: "Ben is here, by your invitation. Say hello?" }).getByRole("button", { name: "Later" }).click();
  const taken = await makeInvitation(ann.page, "taken");
  await cleo.page.goto("about:blank");
  await cleo.page.goto(taken);
  await expect(cleo.page.getByRole("button", { name: "Come in" })).toBeVisible();
  await ann.page.getByRole("button", { name: "Take back the invitation taken" }).click();
  await expect(ann.page.getByRole("listitem").filter({ hasText: "For taken" })).toContainText("Taken back");
  // Whoever had it open already is not let in either.
  await cleo.page.getByLabel("What shall people call you?").fill("Cleo");
  await cleo.page.getByRole("button", { name: "Come in" }).click();
  await expect(cleo.page.getByRole("heading", { name: "This invitation does not work any more" })).toBeVisible();

  const invented = `${server.origin}/i#${"A".repeat(22)}`;
  const answers = [];
  for (const link of [used, taken, lapsed, invented]) {
    await cleo.page.goto("about:blank");
    await cleo.page.goto(link);
    await expect(cleo.page.getByRole("main")).toMatchAriaSnapshot(`
      - heading "This invitation does not work any more" [level=1]
      - paragraph: It was used already, taken back, or older than seven days. Ask the person who sent it for a new one.
      - button "Other ways in"
    `);
    answers.push(await previewed(cleo, link));
  }
  for (const answer of answers) expect(answer).toEqual(answers[0]);
  expect(answers[0]).toMatchObject({ status: 410, body: '{"error":"link_spent"}' });
});

/** All that a program learns of an invitation. */
async function previewed(person: Person, link: string): Promise<{ status: number; headers: unknown; body: string }> {
  const token = new URL(link).hash.slice(1);
  const answer = await person.context.request.post("/api/v1/invites/preview", { data: { token } });
  const headers = Object.entries(answer.headers()).filter(([name]) => name !== "date");
  return { status: answer.status(), headers, body: await answer.text() };
}
