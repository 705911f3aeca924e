// Out, and in again: by passkey, code, another device, or the administrator.

import { expect, type Member, test } from "../harness/house.ts";
import { expectHallway, signInByLink } from "../harness/pages/door.ts";
import {
  expectSignedOut,
  makeDeviceLink,
  shownCodes,
  signOut,
  useDeviceCode,
  useRecoveryCode,
} from "../harness/pages/signing.ts";
import { Authenticator, withoutOfferInField } from "../harness/passkeys.ts";

async function savePasskey({ page }: Member): Promise<void> {
  await page.goto("/settings/signing-in");
  await page.getByRole("button", { name: "Save a passkey here" }).click();
  await expect(page.getByRole("button", { name: /^Remove the passkey of / })).toHaveCount(1);
}

async function makeCodes({ page }: Member): Promise<string[]> {
  await page.goto("/settings/signing-in");
  await page.getByRole("button", { name: "Make new codes" }).click();
  const codes = await shownCodes(page);
  expect(codes).toHaveLength(8);
  await page.getByRole("button", { name: "I have kept them" }).click();
  return codes;
}

test("a passkey lets its owner in again by the button, and a finger that is not theirs does not", async ({ house, person }) => {
  const ann = await person("ann");
  await withoutOfferInField(ann);
  await house.signUp(ann);
  const authenticator = await Authenticator.plugIn(ann);
  const { page } = ann;
  await page.goto("/settings/signing-in");
  await page.getByRole("button", { name: "Save a passkey here" }).click();
  await expect(page.getByRole("button", { name: /^Remove the passkey of / })).toHaveCount(1);
  await signOut(page);
  await expectSignedOut(page);

  await authenticator.verifies(false);
  await page.getByRole("button", { name: "Continue with a passkey" }).click();
  await expect(page.getByRole("main").getByRole("alert")).toHaveText("The passkey did not work, or was cancelled.");
  await expectSignedOut(page);

  await authenticator.verifies(true);
  await page.getByRole("button", { name: "Continue with a passkey" }).click();
  await expectHallway(page);
  await expect(page.getByRole("link", { name: "You: ann. Settings" }).first()).toBeVisible();
});

test("the browser offers the passkey in the field, and nothing needs to be typed or pressed", async ({ house }) => {
  const ann = await house.member("ann");
  await Authenticator.plugIn(ann);
  await savePasskey(ann);
  const offered = ann.page.waitForResponse((response) => response.url().endsWith("/signin/passkey/finish"));
  await signOut(ann.page);
  expect((await offered).status()).toBe(200);
  await expectHallway(ann.page);
  await ann.page.goto("/settings/devices");
  await expect(ann.page.getByRole("listitem").filter({ hasText: "This device." })).toHaveCount(1);
});

test("a passkey that was removed lets nobody in, and another way still does", async ({ house, person, server }) => {
  const ann = await person("ann");
  await withoutOfferInField(ann);
  await house.signUp(ann);
  const authenticator = await Authenticator.plugIn(ann);
  const { page } = ann;
  await page.goto("/settings/signing-in");
  await page.getByRole("button", { name: "Save a passkey here" }).click();
  await page.getByRole("button", { name: /^Remove the passkey of / }).click();
  await expect(page.getByText("None yet.")).toBeVisible();
  // Removed here, it still lies in the authenticator.
  expect(await authenticator.count()).toBe(1);
  await signOut(page, "has none");
  await expectSignedOut(page);
  await page.getByRole("button", { name: "Continue with a passkey" }).click();
  await expect(page.getByRole("main").getByRole("alert")).toHaveText(
    "This server does not know that passkey any more. Take another way in.",
  );
  await expect.poll(() => authenticator.count(), { message: "it is not offered again" }).toBe(0);
  await expectSignedOut(page);
  expect((await ann.context.request.get("/api/v1/me")).status()).toBe(401);
  await signInByLink(page, await house.signInLink("ann"));
  expect(await server.admin("member", "list")).toContain("@ann");
});

test("a recovery code lets in once, whoever guesses is told nothing, and new codes void the old ones", async ({ house }) => {
  const ann = await house.member("ann");
  const { page } = ann;
  const [first = "", second = ""] = await makeCodes(ann);
  await signOut(page);
  const told = "This link or code does not work any more. Each works once, and not for long.";

  await useRecoveryCode(page, "ann", "0000-0000-0000-0000");
  await expect(page.getByRole("main").getByRole("alert")).toHaveText(told);
  await useRecoveryCode(page, "nobody", first);
  await expect(page.getByRole("main").getByRole("alert")).toHaveText(told);
  // As somebody writes it down.
  await useRecoveryCode(page, "@ann", ` ${first.toLowerCase().replaceAll("-", " ")}`);
  await expectHallway(page);

  await page.goto("/settings/signing-in");
  await expect(page.getByText("7 codes left.")).toBeVisible();
  await signOut(page);
  await useRecoveryCode(page, "ann", first);
  await expect(page.getByRole("main").getByRole("alert")).toHaveText(told);
  await useRecoveryCode(page, "ann", second);
  await expectHallway(page);

  const [fresh = ""] = await makeCodes(ann);
  await signOut(page);
  await useRecoveryCode(page, "ann", second);
  await expect(page.getByRole("main").getByRole("alert")).toHaveText(told);
  await useRecoveryCode(page, "ann", fresh);
  await expectHallway(page);
});

test("another device comes in by the link or by its short code, and each is for one device", async ({ house, person }) => {
  const ann = await house.member("ann");
  const [tablet, laptop, thief] = [await person("tablet"), await person("laptop"), await person("thief")];

  const scanned = await makeDeviceLink(ann.page);
  await signInByLink(tablet.page, scanned.url);
  await expect(tablet.page.getByRole("link", { name: "You: ann. Settings" }).first()).toBeVisible();
  await thief.page.goto(scanned.url);
  await thief.page.getByRole("button", { name: "Sign in here" }).click();
  await expect(thief.page.getByRole("heading", { name: "This sign-in link does not work any more" })).toBeVisible();

  const typed = await makeDeviceLink(ann.page);
  await laptop.page.goto("/");
  await useDeviceCode(laptop.page, typed.code.toLowerCase());
  await expectHallway(laptop.page);
  // The link beside the code is the same way in, and it is used up.
  await thief.page.goto("about:blank");
  await thief.page.goto(typed.url);
  await thief.page.getByRole("button", { name: "Sign in here" }).click();
  await expect(thief.page.getByRole("heading", { name: "This sign-in link does not work any more" })).toBeVisible();
  await thief.page.getByRole("button", { name: "Other ways in" }).click();
  await useDeviceCode(thief.page, typed.code);
  await expect(thief.page.getByRole("main").getByRole("alert")).toHaveText(
    "This link or code does not work any more. Each works once, and not for long.",
  );
});

test("a link of another device or of the administrator that lapsed is as spent as one that never was", async ({ house, person, server }) => {
  const ann = await house.member("ann");
  const thief = await person("thief");
  const { origin } = server;
  const told = async (token: string): Promise<unknown> => {
    const answer = await thief.context.request.post("/api/v1/signin/link", { data: { token }, headers: { origin } });
    const headers = Object.entries(answer.headers()).filter(([name]) => name !== "date");
    return { status: answer.status(), headers, body: await answer.text() };
  };
  const { url, code } = await makeDeviceLink(ann.page);
  const administrators = await house.signInLink("ann");
  await server.elapse(1);
  for (const link of [url, administrators]) {
    await thief.page.goto("about:blank");
    await thief.page.goto(link);
    await thief.page.getByRole("button", { name: "Sign in here" }).click();
    await expect(thief.page.getByRole("heading", { name: "This sign-in link does not work any more" })).toBeVisible();
  }
  const never = await told("A".repeat(22));
  expect(never).toMatchObject({ status: 410, body: '{"error":"link_spent"}' });
  for (const secret of [new URL(url).hash.slice(1), new URL(administrators).hash.slice(1), code]) {
    expect(await told(secret)).toEqual(never);
  }
  expect((await thief.context.request.get("/api/v1/me")).status()).toBe(401);
});

test("whoever runs the server can let a member in, once", async ({ house, person }) => {
  await house.member("ann");
  const [phone, thief] = [await person("phone"), await person("thief")];
  const link = await house.signInLink("ann");
  await signInByLink(phone.page, link);
  await expect(phone.page.getByRole("link", { name: "You: ann. Settings" }).first()).toBeVisible();
  await thief.page.goto(link);
  await thief.page.getByRole("button", { name: "Sign in here" }).click();
  await expect(thief.page.getByRole("heading", { name: "This sign-in link does not work any more" })).toBeVisible();
  await expect(house.signInLink("nobody")).rejects.toThrow(/There is no member with that handle/);
});
