// Whom one picks by name: for a new room, and in one that is open.

import { expect, type Locator } from "@playwright/test";

/** Finds somebody by name in a sheet, and takes them. */
export async function pick(sheet: Locator, name: string): Promise<void> {
  await sheet.getByLabel("Name or handle").fill(name);
  await sheet.getByRole("listitem").getByRole("button", { name }).click();
  await expect(sheet.getByRole("button", { name: `Take ${name} off the list` })).toBeVisible();
}
