// Every screen and every state that the types list, without a server: looked at on phone and desktop, light and dark,
// measured with axe, and as it is read out. What a type lists has a scene, or the gallery does not compile.

import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import { enter, show } from "../harness/gallery.ts";
import { expectGoodLooks, overflow } from "../harness/look.ts";
import { expect, test } from "../harness/screens.ts";

// What hundreds of looks leave behind would take longer to write than they took.
test.use({ trace: "off" });

/** What is 1280 pixels wide, at 400 % (WCAG 2.2, 1.4.10). */
const ZOOMED = { width: 320, height: 256 };

/** What a desk has beside the room stands in it on a phone. */
const DESK = { width: 1280, height: 800 };
const PHONE = { width: 390, height: 844 };

/** Where it is written down how a screen is read out, every word of it; `--update-snapshots` writes it anew. */
const WRITTEN = join(import.meta.dirname, "../read-out");

/** Those whose every word is written down, on a desk or on both. */
const WORD_FOR_WORD: Readonly<Record<string, "desk" | "desk and phone">> = {
  "claim": "desk",
  "claim-key": "desk",
  "claim-invite": "desk",
  "invitation": "desk",
  "invitation-codes": "desk",
  "server-open": "desk",
  "sign-in-recovery": "desk",
  "sign-in-device": "desk",
  "hallway": "desk",
  "hallway-docked": "desk and phone",
  "start-closed": "desk",
  "door": "desk",
  "room": "desk and phone",
  "place-hand_raised": "desk",
  "place-invited": "desk",
  "authority-owner": "desk and phone",
  "moderator-person": "desk",
  "moderator-menu": "desk",
  "moderator-invite": "desk",
  "moderator-leaving": "desk",
  "person": "desk",
  "person-mine-stage": "desk",
  "menu": "desk",
  "invite": "desk",
  "report": "desk",
  "recent": "desk",
  "help": "desk",
  "people": "desk",
  "profile": "desk",
  "followers": "desk",
  "settings-you": "desk",
  "settings-sound-tried": "desk",
  "settings-docked": "desk and phone",
  "settings-look": "desk",
  "settings-keys": "desk",
  "settings-devices": "desk",
  "passkeys-available": "desk",
  "settings-codes": "desk",
  "settings-invitations": "desk",
  "settings-blocks": "desk",
  "settings-reports": "desk",
  "settings-order": "desk",
  "settings-order-none": "desk",
  "settings-order-suspend": "desk",
  "settings-kept": "desk",
};

/** How a state is read out in which something is wrong, or must be known at once. */
const READ_OUT: Readonly<Record<string, string>> = {
  "media-weak": "- status: Weak line. Listening goes on.",
  "weak-me": "- status: Weak line. You may miss a word.",
  "weak-others": "- status: Weak line. The others may not hear you well.",
  "weak-both": "- status: Weak line. You may miss a word, and so may the others.",
  "media-connecting": "- status: Connecting the sound",
  "media-lost": "- paragraph: Finding the way back. 6 seconds so far. Your seat is kept for half a minute.",
  "room-lost": "- paragraph: Finding the way back. 6 seconds so far. Your place in line is kept.",
  "room-restarted": "- paragraph: Back again. The server restarted; everyone kept their place.",
  "room-draining": '- paragraph: "The server restarts in 12 seconds. Stay: you will be brought back by yourself."',
  "room-newer": "- paragraph: A newer version is ready. It loads when you have left this room.",
  "room-unsandboxed": "- text: Open Not recorded by this server. A participant still could. This server runs without its sandbox",
  "sign-in-unsandboxed": "- note: This server runs without its sandbox.",
  "room-asked-tried": `
    - dialog "Marta asks you up":
      - meter "Level of your microphone"
      - status: It hears you
      - paragraph: Heard by nobody, only measured.
      - button "Come up, muted"`,
  "room-silenced": '- button "Marta, owner, speaking, off for you"',
  "hallway-moved": `
    - heading "This server's address has changed" [level=2]
    - paragraph: "3 members have passkeys for the old address only. They come in with a recovery code, on a device that is still signed in, or with a link from you:"`,
  "hallway-first-steps": `
    - region "Before people come":
      - heading "Before people come" [level=2]
      - button "Hide"
      - list:
        - listitem
        - listitem:
          - link "Save one"
        - listitem`,
  "room-speaking-muted": `
    - status:
      - text: You are muted, and it sounds as if you speak.
      - button "Open the microphone"`,
  "mic-held": "- status: A moderator holds your microphone. You can ask to have it back.",
  "microphone-asking": "- status: Your browser asks for the microphone. Say yes there.",
  "microphone-denied": `
    - status:
      - text: This browser does not let us near the microphone.
      - list "How to fix it"`,
  "microphone-missing": `
    - status:
      - text: No microphone found.
      - list "How to fix it"`,
  "microphone-interrupted": "- status: Your system took the microphone away, perhaps for a call. You are muted until you open it again.",
  "playback-needs_tap": `
    - button "Tap to listen"
    - paragraph: Your browser wants one tap before it lets sound out.`,
  "phase-waiting": "- paragraph: No moderator is here. In 48 seconds somebody is asked to take over.",
  "phase-moderatorless": "- paragraph: No moderator is here, so hands are locked. The room ends in 9 minutes.",
  "phase-ending": "- status: This room ends in 9 seconds. Nothing stays.",
  "phase-ending-mine": `
    - status:
      - text: This room ends in 9 seconds. Nothing stays.
      - button "Keep going"`,
  "room-take-over": `
    - dialog "Will you take this room over?":
      - button "Take it over"
      - button "Not now"`,
  "place-invited": `
    - dialog "Marta asks you up":
      - button "Come up, muted"
      - button "Not now"`,
  "left-removed": `
    - heading "You were removed from this room" [level=1]
    - paragraph: You cannot come back to it. Other rooms are open to you.`,
  "left-time_out": `
    - heading "You were asked out for ten minutes" [level=1]
    - paragraph: Then you may come back, if the room is still there. Other rooms are open to you.`,
  "left-ended": `
    - heading "This room has ended" [level=1]
    - paragraph: Nothing of it is left.`,
  "left-lost": `
    - heading "This room was lost" [level=1]
    - paragraph: The server failed and could not bring it back. We are sorry.`,
  "left-away": `
    - heading "You were away too long" [level=1]
    - paragraph: After half a minute without a line your seat was given up. Come back in?
    - button "Come in"`,
  "left-other_device": `
    - heading "You are in this room on another device" [level=1]
    - paragraph: It has your seat now. You can take it back here.
    - button "Come in"`,
  "left-signed_out": `
    - heading "This device was signed out" [level=1]
    - paragraph: Its seat in the room went with it.`,
  "left-too_slow": `
    - heading "This device could not keep up" [level=1]
    - paragraph: It fell behind what the room sent. Come back in?
    - button "Come in"`,
  "not-there": `
    - heading "There is no room here" [level=1]
    - paragraph: It may have ended, or it is not open to you.`,
  "door-not-yet": "- alert: You were asked out of this room for ten minutes. When they are over, the door is open to you again.",
  "moderator-timed-out": '- text: Oskar was asked out for ten minutes.',
  "door-refused": "- alert: The door is locked for now.",
  "door-refused-docked": `
    - alert: The door is locked for now.
    - button "Come in"`,
  "line-refused": `
    - heading "A newer version is here" [level=1]
    - paragraph: This page is older than the server. One reload, and you are back.`,
  "signed-out": '- heading "Welcome back to Kitchen Radio" [level=1]',
  "people-failed": "- alert: The server cannot be reached or has its hands full. Try again in a moment.",
  "start-closed-failed": "- alert: The server cannot be reached or has its hands full. Try again in a moment.",
  "start-closed-nobody": "- paragraph: Type a name; people on this server show up here.",
  "settings-kept-failed": "- alert: The server cannot be reached or has its hands full. Try again in a moment.",
  "settings-kept-owner": '- paragraph: "You run this server, and somebody has to. Make another member its owner first: vivavoce admin owner HANDLE, on the machine it runs on."',
  "erased": `
    - heading "Your account is erased" [level=1]
    - button "To the front door"`,
  "settings-you-stuck": `
    - paragraph:
      - button "Sign out on this device"
    - alert: The server cannot be reached or has its hands full. Try again in a moment.`,
  "moderator-refused": `
    - alert:
      - text: That moment has passed.`,
  "hallway-insecure": `
    - note:
      - text: On this address the browser keeps microphones and passkeys shut. You can listen here.
      - link "Use https://radio.example.org instead."`,
  "invitation-spent": `
    - heading "This invitation does not work any more" [level=1]
    - paragraph: It was used already, taken back, or older than seven days. Ask the person who sent it for a new one.`,
  "report-sent": `
    - dialog "Marta":
      - status:
        - heading "Reported" [level=3]
        - paragraph: /two minutes, with who heard it too/
        - paragraph:
          - button "Close"`,
  "recent-nobody": "- paragraph: Nobody spoke in the last ten minutes.",
  "hallway-decided": `
    - region "2 reports of yours were looked at":
      - link "Read it"`,
  "room-blocked": '- button "Marta, owner, speaking, blocked by you"',
  "sign-in-link-spent": '- heading "This sign-in link does not work any more" [level=1]',
};

/** Two halves keep two workers busy to the end: no other test takes as long. */
for (const [half, name] of ["odd", "even"].entries()) {
  test(`every screen and state looks right, fits at four times its size, and is read out: the ${name} ones`, async ({ person }) => {
    test.setTimeout(600_000);
    const { page } = await person("ann");
    const scenes = await enter(page);
    expect(scenes).toEqual(expect.arrayContaining(Object.keys({ ...READ_OUT, ...WORD_FOR_WORD })));
    const mine = scenes.filter((_, index) => index % 2 === half);
    const began = Date.now();
    for (const scene of mine) {
      await show(page, scene);
      await expectGoodLooks(page, scene);
      await expectWordForWord(page, scene);
      await page.setViewportSize(ZOOMED);
      expect.soft(await overflow(page), `${scene} fits at ${ZOOMED.width} pixels`).toBe(0);
      const words = READ_OUT[scene];
      if (words !== undefined) await expect.soft(page.locator("body"), scene).toMatchAriaSnapshot(words, { timeout: 1_000 });
    }
    console.log(`measured: ${mine.length} scenes looked at in ${Math.round((Date.now() - began) / 1000)} s`);
  });
}

async function expectWordForWord(page: Page, scene: string): Promise<void> {
  const where = WORD_FOR_WORD[scene];
  if (where === undefined) return;
  const compare = async (name: string, size: typeof DESK): Promise<void> => {
    await page.setViewportSize(size);
    const words = await page.locator("body").ariaSnapshot();
    expect.soft(`${words}\n`, name).toMatchSnapshot([`${name}.aria.yml`]);
  };
  await compare(scene, DESK);
  if (where === "desk and phone") await compare(`${scene}-phone`, PHONE);
}

test("what is written down is read out by a screen", async () => {
  const wanted = Object.entries(WORD_FOR_WORD).flatMap(([scene, where]) => (where === "desk" ? [scene] : [scene, `${scene}-phone`]));
  expect((await readdir(WRITTEN)).sort()).toEqual(wanted.map((name) => `${name}.aria.yml`).sort());
});

test("a moderator on a phone who looks for hands while none is up is led to where they come, and told so", async ({ person }) => {
  const { page } = await person("ann");
  await page.setViewportSize({ width: 390, height: 844 });
  await enter(page);
  await show(page, "moderator-no-hands");
  await expect(page.getByRole("heading", { name: "No hands up" })).toBeFocused();
  await expect(page.getByRole("main").getByText("Who raises a hand waits here, in order.")).toBeVisible();
  await page.getByRole("button", { name: "0 hands raised" }).click();
  await expect(page.getByRole("heading", { name: "No hands up" })).toBeHidden();
});

test("a tap beside the question to the stage, meant for what was there before, answers nothing", async ({ person }) => {
  const { page } = await person("ann");
  await enter(page);
  // Beside any other sheet it closes it.
  await show(page, "person");
  const sheet = page.getByRole("dialog", { name: "Marta" });
  await expect(sheet).toBeVisible();
  await page.mouse.click(4, 4);
  await expect(sheet).toBeHidden();
  await show(page, "place-invited");
  const question = page.getByRole("dialog", { name: "Marta asks you up" });
  await expect(question).toBeVisible();
  await page.mouse.click(4, 4);
  await expect(question).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(question).toBeHidden();
});
