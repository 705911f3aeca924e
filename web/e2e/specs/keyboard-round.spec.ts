// Every kind of screen by Tab alone: all that can be used is a stop, each is seen, and none keeps the focus.

import { called, enter, show } from "../harness/gallery.ts";
import { focused, round, tabTo } from "../harness/keys.ts";
import { expect, test } from "../harness/screens.ts";

/** Where two layouts differ both are walked. */
const BOTH = ["hallway-docked", "authority-owner", "moderator-person", "moderator-removed", "settings-docked", "start-closed"];

const SMALL = [
  ...["claim", "claim-you", "claim-key", "claim-invite", "invitation", "invitation-codes", "signed-out", "sign-in-recovery", "sign-in-link"],
  ...["hallway", "hallway-empty", "hallway-first-steps", "hallway-insecure", "hallway-left", "door", "left-away", "nowhere"],
  ...["audience-found", "room-insecure", "playback-needs_tap", "phase-ending-mine", "microphone-denied", "place-invited", "room-take-over"],
  ...["moderator-no-hands", "moderator-menu", "moderator-invite", "moderator-leaving", "person", "help", "people", "profile"],
  ...["settings-you", "settings-look", "settings-keys", "settings-devices", "settings-invitations", "settings-kept-typed"],
];

const WALKS = [
  // A small phone with keys, or a laptop at four times its size: what sticks to an edge takes most of the room.
  { size: { width: 390, height: 560 }, scenes: [...SMALL, ...BOTH] },
  { size: { width: 1280, height: 640 }, scenes: BOTH },
];

test("Tab goes round every screen: nothing is left out, hidden, or keeps the focus", async ({ person }) => {
  test.setTimeout(240_000);
  const { page } = await person("ann");
  expect(await enter(page)).toEqual(expect.arrayContaining(WALKS.flatMap(({ scenes }) => scenes)));
  const began = Date.now();
  for (const { size, scenes } of WALKS) {
    await page.setViewportSize(size);
    for (const scene of scenes) {
      await show(page, scene);
      expect.soft(await round(page), `${scene}, ${size.width} pixels wide`).toEqual({ missed: [], covered: [], end: "came round" });
    }
  }
  console.log(`measured: Tab round ${WALKS.flatMap(({ scenes }) => scenes).length} scenes in ${Math.round((Date.now() - began) / 1000)} s`);
});

test("hundreds of listeners are one stop of Tab: behind them comes the hand, and arrows lead from one to the next", async ({ person }) => {
  const ann = await person("ann");
  const { page } = ann;
  const key = (name: string): Promise<void> => page.keyboard.press(name);
  const seen = (): Promise<boolean> => page.evaluate(() => document.activeElement?.checkVisibility({ contentVisibilityAuto: true }) ?? false);
  for (const { width, columns } of [{ width: 390, columns: 4 }, { width: 1280, columns: 1 }]) {
    await page.setViewportSize({ width, height: 800 });
    await enter(page);
    await show(page, "room-hundreds");
    // Within sixty stops, of which the stage is seven.
    await tabTo(ann, "button", "Raise hand");
    await tabTo(ann, "button", "Amira A.");
    await key("ArrowRight");
    await expect.poll(() => focused(ann)).toMatch(/^Amira B\./);
    await key("ArrowDown");
    await expect.poll(() => focused(ann), { message: "one row below" }).toMatch(columns === 1 ? /^Amira C\./ : /^Amira F\./);
    await key("End");
    await expect.poll(() => focused(ann)).not.toMatch(/^Amira/);
    const last = await focused(ann);
    expect(await seen(), "the last one is on the screen").toBe(true);
    await key("ArrowRight");
    expect(await focused(ann), "there is nobody behind the last").toBe(last);
    await key("Tab");
    expect(await page.evaluate(() => document.activeElement?.closest("ul") === null), "Tab leads out").toBe(true);
    await key("Shift+Tab");
    expect(await focused(ann), "and back to whom it came from").toBe(last);
    await key("Home");
    await key("Enter");
    await expect(page.getByRole("dialog", { name: "Amira A." })).toBeVisible();
    await key("Escape");
    await expect.poll(() => focused(ann)).toMatch(/^Amira A\./);
  }
  await enter(page, "rtl");
  await show(page, "room-hundreds");
  // Their order is another one there.
  await tabTo(ann, "button", called("ليث A.", "begins"));
  await key("ArrowLeft");
  await expect.poll(() => focused(ann), { message: "read from the right, the left is the next" }).toContain("ليث B.");
});
