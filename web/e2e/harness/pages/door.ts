// The ways in: the owner's link, an invitation, a sign-in link. Everything by role and name, as people find it.

import { expect, type Page } from "@playwright/test";

/** Nobody types a handle in these stories: it follows from the name. */
async function fillName(page: Page, name: string): Promise<void> {
  await page.getByLabel("What shall people call you?").fill(name);
}

/** The first member, from the link that the server printed, into the hallway. */
export async function claimServer(page: Page, link: string, name: string, house = "Kitchen Radio"): Promise<void> {
  await page.goto(link);
  await page.getByLabel("Name your server").fill(house);
  await page.getByRole("button", { name: "Next" }).click();
  await fillName(page, name);
  await page.getByRole("button", { name: "Open the house" }).click();
  await page.getByRole("button", { name: "Later" }).click();
  await page.getByRole("button", { name: "Later" }).click();
  await expectHallway(page);
}

/** From an invitation to a name; the question for a way back is next. */
export async function comeIn(page: Page, link: string, name: string): Promise<void> {
  await page.goto(link);
  await fillName(page, name);
  await page.getByRole("button", { name: "Come in" }).click();
  await expect(page.getByRole("heading", { name: `Welcome, ${name}` })).toBeVisible();
}

/** From an invitation into the hallway, leaving the way back for later. */
export async function acceptInvitation(page: Page, link: string, name: string): Promise<void> {
  await comeIn(page, link, name);
  await page.getByRole("button", { name: "Later" }).click();
  await expectHallway(page);
}

/** From a sign-in link, of another device or of the administrator, into the hallway. */
export async function signInByLink(page: Page, link: string): Promise<void> {
  await page.goto(link);
  await page.getByRole("button", { name: "Sign in here" }).click();
  await expectHallway(page);
}

/** The hallway stands, and the socket behind it. */
export async function expectHallway(page: Page): Promise<void> {
  await expect(page.getByRole("heading", { name: "Being said now", level: 1 })).toBeVisible();
}
