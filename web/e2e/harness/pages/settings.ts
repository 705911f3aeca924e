// The settings that lead somewhere else: links for people and for devices, and the list of devices.

import { expect, type Locator, type Page } from "@playwright/test";

/** The address behind a link's row, shown with its picture. */
export async function shownLink(page: Page): Promise<string> {
  const row = page.getByRole("button", { name: "The address as a picture to scan" }).first();
  await row.click();
  const address = page.getByText(/^https?:\/\/\S+#[\w-]+$/).first();
  const link = await address.textContent();
  await row.click();
  return link ?? "";
}

/** Makes an invitation in Settings; the link. */
export async function makeInvitation(page: Page, note = ""): Promise<string> {
  await page.goto("/settings/invitations");
  await page.getByLabel("For whom? Only you see this").fill(note);
  await page.getByRole("button", { name: "Make a link" }).click();
  await expect(page.getByText("Shown once.")).toBeVisible();
  return shownLink(page);
}

/** A signed-in device in the list, this one excepted. */
export function otherDevices(page: Page): Locator {
  return page.getByRole("button", { name: /^Sign out: / });
}

/** Signs out every other device of the member. */
export async function signOutOthers(page: Page): Promise<void> {
  await page.goto("/settings/devices");
  await otherDevices(page).first().click();
  await expect(otherDevices(page)).toHaveCount(0);
}
