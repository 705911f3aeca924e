// Every screen before the hallway and around it, looked at on phone and desktop, light and dark.

import { expect, test } from "../harness/house.ts";
import { expectGoodLooks, seriousFindings } from "../harness/look.ts";
import { acceptInvitation, claimServer, expectHallway } from "../harness/pages/door.ts";
import { makeInvitation } from "../harness/pages/settings.ts";
import { signOut } from "../harness/pages/signing.ts";
import { withoutOfferInField } from "../harness/passkeys.ts";

test("axe would tell: a picture without words is found, and so is a letter too pale and too short for axe to decide", async ({ server, person }) => {
  const { page } = await person("ann");
  await page.goto(await server.ownerLink());
  await expect(page.getByLabel("Name your server")).toBeVisible();
  expect(await seriousFindings(page)).toEqual([]);
  await page.evaluate(() => document.querySelector("main")?.append(document.createElement("button")));
  expect(await seriousFindings(page)).toEqual([expect.stringMatching(/^button-name: <button>/)]);
  await page.evaluate(() => document.querySelector("main > button:empty")?.replaceWith(Object.assign(document.createElement("b"), { textContent: "4" })));
  expect(await seriousFindings(page), "in the colour of all text").toEqual([]);
  await page.evaluate(() => document.querySelector<HTMLElement>("main > b")?.style.setProperty("color", "silver"));
  expect(await seriousFindings(page)).toEqual([expect.stringMatching(/^color-contrast: <b style="color: silver;">4<\/b> 1\.\d+:1, and 4\.5:1 is wanted$/)]);
});

test("a browser without WebRTC is told so, instead of an empty page", async ({ person }) => {
  const [{ page, context }, ben] = [await person("ann"), await person("ben")];
  const told = { name: "This browser carries no voices", level: 1 } as const;
  await context.addInitScript(() => Reflect.deleteProperty(window, "RTCPeerConnection"));
  await page.goto("/");
  await expect(page.getByRole("heading", told)).toBeVisible();
  await expectGoodLooks(page, "no-webrtc");
  // Add-ons leave the name, and nothing behind it.
  await ben.context.addInitScript(() => Reflect.set(window, "RTCPeerConnection", undefined));
  await ben.page.goto("/");
  await expect(ben.page.getByRole("heading", told)).toBeVisible();
});

test("the way in looks right: first run, invitation, sign-in, and what is spent", async ({ server, person }) => {
  test.setTimeout(240_000);
  const [ann, ben] = [await person("ann"), await person("ben")];
  await withoutOfferInField(ann);
  const { page } = ann;
  await page.goto("/");
  await expect(page.getByRole("heading", { name: "This server is waiting for its owner" })).toBeVisible();
  await expectGoodLooks(page, "waiting-for-owner");

  await page.goto(await server.ownerLink());
  await page.getByLabel("Name your server").fill("Kitchen Radio");
  await expectGoodLooks(page, "first-run-house");
  await page.getByRole("button", { name: "Next" }).click();
  await page.getByLabel("What shall people call you?").fill("Ann");
  await page.getByLabel("Your handle").fill("-");
  await page.getByRole("button", { name: "Open the house" }).click();
  await expect(page.getByRole("main").getByRole("alert")).toBeVisible();
  await expectGoodLooks(page, "first-run-you");
  await page.getByLabel("Your handle").fill("ann");
  await page.getByRole("button", { name: "Open the house" }).click();
  await expect(page.getByRole("button", { name: "Save a passkey" })).toBeVisible();
  await expectGoodLooks(page, "first-run-way-back");
  await page.getByRole("button", { name: "Recovery codes instead" }).click();
  await expect(page.getByRole("button", { name: "I have kept them" })).toBeVisible();
  await expectGoodLooks(page, "recovery-codes");
  await page.getByRole("button", { name: "I have kept them" }).click();
  await page.getByRole("button", { name: "Make three links" }).click();
  await page.getByRole("button", { name: "The address as a picture to scan" }).first().click();
  await expectGoodLooks(page, "first-run-links");
  await page.getByRole("button", { name: "Open the hallway" }).click();
  await expectHallway(page);

  const link = await makeInvitation(page, "Ben");
  await expectGoodLooks(page, "settings-invitations");
  await ben.page.goto(link);
  await expect(ben.page.getByRole("heading", { name: "Ann invites you to Kitchen Radio" })).toBeVisible();
  await expectGoodLooks(ben.page, "invitation");
  await acceptInvitation(ben.page, link, "Ben");
  await ben.page.goto("about:blank");
  await ben.page.goto(link);
  await expect(ben.page.getByRole("heading", { name: "You are in already, as Ben" })).toBeVisible();
  await expectGoodLooks(ben.page, "invitation-already-in");
  await signOut(ben.page, "has none");
  await ben.page.goto(link);
  await expect(ben.page.getByRole("heading", { name: "This invitation does not work any more" })).toBeVisible();
  await expectGoodLooks(ben.page, "link-expired");

  await signOut(page);
  await expect(page.getByRole("main")).toMatchAriaSnapshot(`
    - heading "Welcome back to Kitchen Radio" [level=1]
    - text: Your handle
    - textbox "Your handle"
    - button "Continue with a passkey"
    - button "Use another device"
    - button "Use a recovery code"
    - paragraph: /Nothing left\\?/
  `);
  await expectGoodLooks(page, "sign-in");
  await page.getByRole("button", { name: "Use a recovery code" }).click();
  await page.getByLabel("Your handle").fill("ann");
  await page.getByLabel("Recovery code").fill("0000-0000-0000-0000");
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await expect(page.getByRole("main").getByRole("alert")).toBeVisible();
  await expectGoodLooks(page, "sign-in-refused");
  await page.getByRole("button", { name: "Use another device" }).click();
  await expectGoodLooks(page, "sign-in-device");
  await page.goto(`/l#${"A".repeat(22)}`);
  await expect(page.getByRole("heading", { name: "Sign in on this device?" })).toBeVisible();
  await expectGoodLooks(page, "sign-in-link");
  await page.getByRole("button", { name: "Sign in here" }).click();
  await expect(page.getByRole("main")).toMatchAriaSnapshot(`
    - heading "This sign-in link does not work any more" [level=1]
    - paragraph: "Make a new one on the device that is signed in: Settings, Devices, “Add a device”."
    - button "Other ways in"
  `);
  await expectGoodLooks(page, "sign-in-link-expired");
});

test("people and settings look right", async ({ server, person }) => {
  test.setTimeout(240_000);
  const [ann, ben] = [await person("ann"), await person("ben")];
  await claimServer(ann.page, await server.ownerLink(), "Ann");
  await acceptInvitation(ben.page, await makeInvitation(ann.page, "Ben"), "Ben");
  const { page } = ben;
  await expectGoodLooks(page, "hallway-empty");
  for (const tab of ["you", "sound", "look", "keys", "devices", "signing-in", "kept"]) {
    await page.goto(`/settings/${tab}`);
    await expect(page.getByRole("main").getByRole("heading").first()).toBeVisible();
    await expectGoodLooks(page, `settings-${tab}`);
  }
  await page.goto("/settings/devices");
  await page.getByRole("button", { name: "Make a link" }).click();
  await expect(page.getByText(/^Works for 1\d\d seconds$/)).toBeVisible();
  await expectGoodLooks(page, "settings-add-device");
  await page.goto("/settings/you");
  await page.getByRole("button", { name: "Sign out on this device" }).click();
  await expect(page.getByRole("button", { name: "Sign out anyway" })).toBeVisible();
  await expectGoodLooks(page, "sign-out-without-way-back");
  await page.goto("/people");
  await page.getByPlaceholder("Name or handle").fill("an");
  await page.getByRole("button", { name: "Follow Ann" }).click();
  await expect(page.getByRole("button", { name: "Stop following Ann" })).toBeVisible();
  await expectGoodLooks(page, "people");
  await page.goto("/people/ann");
  await expect(page.getByRole("heading", { name: "Ann", level: 1 })).toBeVisible();
  await expectGoodLooks(page, "profile");
  await page.goto("/people/nobody");
  await expect(page.getByRole("heading", { name: "Nobody of that name is here" })).toBeVisible();
  await expectGoodLooks(page, "profile-not-there");
  await page.goto("/nowhere/at/all");
  await expect(page.getByRole("heading", { name: "There is nothing here" })).toBeVisible();
  await expectGoodLooks(page, "nowhere");
});
