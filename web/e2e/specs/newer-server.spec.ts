// A server that was upgraded under open pages: between rooms an old page is left behind, in a room nothing happens to it.

import { Hallway } from "../harness/pages/hallway.ts";
import { Room } from "../harness/pages/room.ts";
import { bringOnStage, expect, type Member, test } from "../harness/house.ts";
import { ask, expectHears } from "../harness/hearing.ts";
import { expectGoodLooks } from "../harness/look.ts";
import type { Person } from "../harness/person.ts";

test.describe.configure({ timeout: 180_000 });

/** Where a tab keeps what its server is made to say, over its reloads. */
const KEY = "build-of-this-story";

declare global {
  interface Window {
    /** How often this page was told who its server is. */
    welcomes: number;
  }
}

/** What one person's server says of its build, and how often a page was loaded from it. */
class Upgrades {
  loads = 0;

  private constructor(readonly person: Person) {}

  static async watch(person: Person): Promise<Upgrades> {
    const upgrades = new Upgrades(person);
    person.page.on("request", (request) => {
      if (request.isNavigationRequest()) upgrades.loads += 1;
    });
    await person.context.addInitScript((key) => {
      const parse = JSON.parse.bind(JSON);
      window.welcomes = 0;
      JSON.parse = (text: string) => {
        const value: unknown = parse(text);
        if (typeof value !== "object" || value === null || !("type" in value) || value.type !== "welcome") return value;
        window.welcomes += 1;
        const bundle = sessionStorage.getItem(key);
        const { server } = value as unknown as { server: { bundle: string } };
        if (bundle !== null) server.bundle = bundle;
        return value;
      };
    }, KEY);
    return upgrades;
  }

  /** The server goes and comes back with another build, and the page has heard of it. */
  async to(bundle: string): Promise<void> {
    const before = await ask(
      this.person,
      ([key, text]) => {
        sessionStorage.setItem(key, text);
        const { welcomes } = window;
        window.ears.cutSockets();
        return welcomes;
      },
      [KEY, bundle] as const,
    );
    await expect.poll(() => ask(this.person, () => window.welcomes, undefined)).toBe(before + 1);
  }
}

test("a part of the page that its server no longer has is missed aloud, and one reload brings it and the seat back", async ({ house, person }) => {
  const olga = await house.member("olga");
  const guest = await person("ann");
  const { page } = guest;
  // As a server does that was upgraded since the page was loaded.
  const parts = /\/assets\/(en\.)?sheets-/;
  await page.route(parts, (route) => route.abort());
  await house.signUp(guest);
  const ann: Member = { ...guest, hallway: new Hallway(page) };
  await ann.hallway.open();
  const stage = await olga.hallway.start({ title: "Half a page" });
  const room = await ann.hallway.enter("Half a page");
  await room.raiseHand();
  await stage.bringUp("ann");
  const missing = page.getByRole("alert").filter({ hasText: "A part of this page did not arrive." });
  await expect(missing).toBeVisible();
  await expectGoodLooks(page, "missing-part");
  await page.unroute(parts);
  await missing.getByRole("button", { name: "Reload" }).click();
  await room.expectInside();
  await room.comeUp();
  await stage.expectShown(["olga", "ann"]);
});

test("an old page stays while its person is in a room, and is left behind when they leave or go on", async ({ house, person }) => {
  const olga = await house.member("olga");
  const guest = await person("ann");
  const upgrades = await Upgrades.watch(guest);
  await house.signUp(guest);
  const ann: Member = { ...guest, hallway: new Hallway(guest.page) };
  const { page } = ann;
  await ann.hallway.open();
  const stage = await olga.hallway.start({ title: "All the while" });
  const room = await ann.hallway.enter("All the while");
  await bringOnStage(stage, "ann", room);
  expect(upgrades.loads).toBe(1);

  await upgrades.to("newer");
  await expect(page.getByText("A newer version is ready. It loads when you have left this room.")).toBeVisible();
  await page.getByRole("link", { name: "Back to the hallway, stay in the room" }).first().click();
  await page.getByRole("link", { name: "You: ann. Settings" }).click();
  await page.getByRole("link", { name: "Sound" }).click();
  await page.getByRole("link", { name: "Back into the room: All the while" }).click();
  await expectHears(olga, [ann.tone]);
  expect(upgrades.loads, "no page was loaded in the room").toBe(1);

  await room.leave();
  await expect(page.getByRole("heading", { name: "Being said now", level: 1 })).toBeVisible();
  await expect.poll(() => upgrades.loads).toBe(2);
  await stage.expectShown(["olga"]);

  // The fresh page is as old as the first, as far as this server says: it is not loaded again for the same build.
  await ann.hallway.enter("All the while");
  await stage.expectShown(["olga", "ann"]);
  await room.leave();
  await expect(page.getByRole("heading", { name: "Being said now", level: 1 })).toBeVisible();
  expect(upgrades.loads).toBe(2);

  // Upgraded again, with Ann in the hallway: the tap on a room loads the page, and nobody is in the room behind its back.
  await upgrades.to("newest");
  await ann.hallway.card("All the while").getByRole("link", { name: "All the while", exact: true }).click();
  await expect.poll(() => upgrades.loads).toBe(3);
  await page.getByRole("button", { name: "Come in" }).click();
  await new Room(page, "All the while").expectInside();
  await stage.expectShown(["olga", "ann"]);
  expect(upgrades.loads).toBe(3);
});
