// Out, and in again: passkeys, codes, links of other devices.

import { expect, type Page } from "@playwright/test";

/** Whoever has no way back in is asked twice. */
export type WayBack = "has a way back" | "has none";

/** On this device, from Settings. */
export async function signOut(page: Page, way: WayBack = "has a way back"): Promise<void> {
  await page.goto("/settings/you");
  const signedOut = page.waitForResponse((response) => response.url().endsWith("/api/v1/signout"));
  await page.getByRole("button", { name: "Sign out on this device" }).click();
  if (way === "has none") await page.getByRole("button", { name: "Sign out anyway" }).click();
  expect((await signedOut).status()).toBe(204);
}

/** The page asks who one is, and shows nothing else. */
export async function expectSignedOut(page: Page): Promise<void> {
  await expect(page.getByRole("heading", { name: /^Welcome back to / })).toBeVisible();
}

export async function useRecoveryCode(page: Page, handle: string, code: string): Promise<void> {
  const choose = page.getByRole("button", { name: "Use a recovery code" });
  await expect(choose.or(page.getByLabel("Recovery code")).first()).toBeVisible();
  if (await choose.isVisible()) await choose.click();
  await page.getByLabel("Your handle").fill(handle);
  await page.getByLabel("Recovery code").fill(code);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
}

export async function useDeviceCode(page: Page, code: string): Promise<void> {
  const choose = page.getByRole("button", { name: "Use another device" });
  const field = page.getByLabel("Code from your other device");
  await expect(choose.or(field).first()).toBeVisible();
  if (await choose.isVisible()) await choose.click();
  await field.fill(code);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
}

/** The eight codes on the screen; pressing "kept" is left to the story. */
export async function shownCodes(page: Page): Promise<string[]> {
  await expect(page.getByRole("heading", { name: "Your recovery codes" })).toBeVisible();
  const list = page.getByRole("list").filter({ has: page.getByText(/^[0-9A-Z]{4}-/) });
  return list.last().getByRole("listitem").allTextContents();
}

export interface DeviceLink {
  readonly url: string;
  readonly code: string;
}

/** A link for another device, as its owner sees it: a picture, a code to type, an address to copy. */
export async function makeDeviceLink(page: Page): Promise<DeviceLink> {
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"], { origin: new URL(page.url()).origin });
  await page.goto("/settings/devices");
  await page.getByRole("button", { name: "Make a link" }).click();
  await expect(page.getByText(/^Works for 1\d\d seconds$/)).toBeVisible();
  await page.getByRole("button", { name: "Copy" }).click();
  await expect(page.getByRole("button", { name: "Copied" })).toBeVisible();
  const url = await page.evaluate(() => navigator.clipboard.readText());
  const code = await page.getByRole("main").getByText(/^[0-9A-Z]{4}-?[0-9A-Z]{4}$/).textContent();
  return { url, code: code ?? "" };
}
