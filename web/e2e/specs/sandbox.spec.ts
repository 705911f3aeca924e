// What people are told of a server that is not locked in.

import { type Locator, type Page } from "@playwright/test";
import { expect, test } from "../harness/house.ts";

const PHONE = { width: 390, height: 844 };
const DESKTOP = { width: 1280, height: 800 };

const warning = (page: Page): Locator => page.getByText("This server runs without its sandbox");

async function expectVisibleEverywhere(page: Page, said: Locator): Promise<void> {
  for (const size of [PHONE, DESKTOP]) {
    await page.setViewportSize(size);
    await expect(said).toBeVisible();
  }
}

test.describe("started with --unsandboxed", () => {
  test.use({ serverArguments: ["--unsandboxed"] });

  test("the server says so in its log, at every door, in the hallway and in the room", async ({ server, house, person }) => {
    expect(server.said).toMatch(/sandbox is OFF/);
    const [ann, ben] = [await person("ann"), await person("ben")];
    await ann.page.goto(await server.ownerLink());
    await expect(ann.page.getByLabel("Name your server")).toBeVisible();
    await expectVisibleEverywhere(ann.page, warning(ann.page));

    const { hallway, page } = await house.welcome(ann);
    await expectVisibleEverywhere(page, page.getByText("Not locked in: started without its sandbox"));
    await hallway.start({ title: "Tea" });
    await expectVisibleEverywhere(page, warning(page));

    await ben.page.goto("/");
    await expect(ben.page.getByRole("heading", { name: "Welcome back to Kitchen Radio" })).toBeVisible();
    await expectVisibleEverywhere(ben.page, warning(ben.page));
  });
});

test("a server that is locked in says that, and nothing else", async ({ server, house, person }) => {
  const [ann, ben] = [await person("ann"), await person("ben")];
  const { hallway, page } = await house.welcome(ann);
  await expect(page.getByText(/^Locked in/)).toBeVisible();
  await hallway.start({ title: "Tea" });
  await ben.page.goto("/");
  await expect(ben.page.getByRole("heading", { name: "Welcome back to Kitchen Radio" })).toBeVisible();
  for (const one of [page, ben.page]) await expect(warning(one)).toHaveCount(0);
  expect(server.said).not.toMatch(/sandbox is OFF/);
});
