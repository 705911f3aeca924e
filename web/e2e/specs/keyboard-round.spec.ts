// Every kind of screen by Tab alone: all that can be used is a stop, each is seen, and none keeps the focus.

import { enter, show } from "../harness/gallery.ts";
import { round } from "../harness/keys.ts";
import { expect, test } from "../harness/screens.ts";

/** Where two layouts differ both are walked. */
const BOTH = ["hallway-docked", "authority-owner", "moderator-person", "moderator-removed", "settings-docked", "start-closed"];

const SMALL = [
  ...["claim", "claim-you", "claim-key", "claim-invite", "invitation", "invitation-codes", "signed-out", "sign-in-recovery", "sign-in-link"],
  ...["hallway", "hallway-empty", "hallway-first-steps", "hallway-insecure", "hallway-left", "door", "left-away", "nowhere"],
  ...["audience-found", "room-insecure", "playback-needs_tap", "phase-ending-mine", "microphone-denied", "place-invited", "room-take-over"],
  ...["moderator-no-hands", "moderator-menu", "moderator-invite", "moderator-leaving", "person", "help", "people", "profile"],
  ...["settings-you", "settings-look", "settings-keys", "settings-devices", "settings-invitations"],
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
