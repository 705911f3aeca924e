// Without a mouse: from the door to the stage and back, and where the focus stands on the way. And without colours.

import { expect, type Member, test } from "../harness/house.ts";
import { expectHears, expectSilence } from "../harness/hearing.ts";
import { expectFocus, focused, press, tabTo } from "../harness/keys.ts";
import { expectHallway } from "../harness/pages/door.ts";
import { Hallway } from "../harness/pages/hallway.ts";
import { Room } from "../harness/pages/room.ts";
import { expectSignedOut } from "../harness/pages/signing.ts";
import { Authenticator, withoutOfferInField } from "../harness/passkeys.ts";

test.describe.configure({ timeout: 180_000 });

test("from the door to the stage, moderated, and out again, by keys alone; the focus is never lost", async ({ house, person }) => {
  const olga = await house.member("olga");
  const guest = await person("ann");
  await withoutOfferInField(guest);
  await house.signUp(guest);
  const ann: Member = { ...guest, hallway: new Hallway(guest.page) };
  await Authenticator.plugIn(ann);
  // Ann saves a passkey, signs out, and in again.
  await ann.page.goto("/settings/signing-in");
  await press(ann, "Save a passkey here");
  await expect(ann.page.getByRole("button", { name: /^Remove the passkey of / })).toBeVisible();
  await tabTo(ann, "link", "You");
  await ann.page.keyboard.press("Enter");
  await press(ann, "Sign out on this device");
  await expectSignedOut(ann.page);
  await press(ann, "Continue with a passkey");
  await expectHallway(ann.page);
  await expectFocus(ann, "signing in");

  // Olga starts a room.
  await press(olga, "Start a room");
  await expect(olga.page.getByLabel("What about? Optional")).toBeFocused();
  await olga.page.keyboard.type("By hand");
  await olga.page.keyboard.press("Enter");
  const stage = new Room(olga.page, "By hand");
  await stage.expectInside();
  await expect.poll(() => focused(olga), { message: "the title has the focus" }).toBe("By hand");

  // Ann comes in and raises a hand.
  await tabTo(ann, "link", "By hand");
  await ann.page.keyboard.press("Enter");
  const room = new Room(ann.page, "By hand");
  await room.expectInside();
  await ann.page.keyboard.press("h");
  await expect(room.hand).toHaveAttribute("aria-pressed", "true");

  // Olga brings her up; the question has the focus, and Escape would be a no.
  await press(olga, "Bring up ann");
  await expectFocus(olga, "bringing somebody up");
  await expect(room.asked).toBeVisible();
  await expect.poll(() => focused(ann)).toBe("olga asks you up");
  await press(ann, "Come up, muted");
  await expect(room.asked).toBeHidden();
  await expectFocus(ann, "coming up");
  await expectFocus(olga, "she came up");
  await ann.page.keyboard.press("m");
  await expect(room.microphone).toHaveAttribute("aria-pressed", "true");
  await expectHears(olga, [ann.tone]);

  // Muted by Olga, and moved; then removed, and the removal taken back.
  await press(olga, /^ann, speaking/);
  await press(olga, /^Mute They/);
  await expectSilence(olga);
  await expect(room.microphone).toHaveAttribute("aria-pressed", "false");
  await expectFocus(olga, "muting somebody");
  await press(olga, /^ann, muted/);
  await press(olga, "To the audience");
  await expect(room.hand).toBeVisible();
  await expectFocus(olga, "moving somebody");
  await expectFocus(ann, "being moved");
  await press(olga, /^ann$/);
  await press(olga, /^Remove from/);
  await expect(ann.page.getByRole("heading", { name: "You were removed from this room" })).toBeVisible();
  await expectFocus(olga, "removing somebody");
  await expectFocus(ann, "being removed");
  await press(olga, /^Undo/);
  await expectFocus(olga, "taking it back");

  await press(ann, "To the hallway");
  await expectHallway(ann.page);
  await tabTo(ann, "link", "By hand");
  await ann.page.keyboard.press("Enter");
  await room.expectInside();
  await ann.page.keyboard.press("l");
  await expect(ann.page.getByRole("heading", { name: "Being said now" })).toBeFocused();
  await stage.expectShown(["olga"]);
});

test("every sheet takes the focus, holds it, and gives it back to what opened it", async ({ house }) => {
  const [olga, ann] = await house.members("olga", "ann");
  const stage = await olga.hallway.start({ title: "Sheets" });
  const room = await ann.hallway.enter("Sheets");
  await stage.expectShown(["olga", "ann"]);
  const sheets = [
    { who: olga, opener: /^This room/, sheet: "This room" },
    { who: olga, opener: "Invite somebody", sheet: /Ask people in|Invite/ },
    { who: olga, opener: /^ann$/, sheet: "ann" },
    { who: olga, opener: "Leave quietly", sheet: "Who keeps order when you are gone?" },
    { who: ann, opener: /^olga, owner/, sheet: "olga" },
  ] as const;
  for (const { who, opener, sheet } of sheets) {
    const { page } = who;
    await tabTo(who, "button", opener);
    const before = await focused(who);
    await page.keyboard.press("Enter");
    const dialog = page.getByRole("dialog", { name: sheet }).first();
    await expect(dialog).toBeVisible();
    const inside = (): Promise<boolean> => dialog.evaluate((element) => element.contains(document.activeElement));
    expect(await inside(), `${String(sheet)} takes the focus`).toBe(true);
    for (let stop = 0; stop < 25; stop += 1) {
      await page.keyboard.press("Tab");
      // The browser's own bar is a stop between the last and the first of a modal dialog.
      const outside = await page.evaluate(() => document.activeElement !== null && document.activeElement !== document.body && document.activeElement.closest("dialog") === null);
      expect(outside, `${String(sheet)} holds the focus`).toBe(false);
    }
    await page.keyboard.press("Escape");
    await expect(dialog).toBeHidden();
    await expect.poll(() => focused(who), { message: `${String(sheet)} gives the focus back` }).toBe(before);
  }
  await ann.page.keyboard.press("?");
  await expect(ann.page.getByRole("dialog", { name: "Keys" })).toBeVisible();
  await ann.page.keyboard.press("Escape");
  await room.expectInside();
});

test("where the system takes colours away, shapes say who speaks, what is on and what is chosen", async ({ house }) => {
  const [olga, ann] = await house.members("olga", "ann");
  const { page } = olga;
  await page.emulateMedia({ forcedColors: "active" });
  const stage = await olga.hallway.start({ title: "No colours" });
  await ann.hallway.enter("No colours");
  const edge = (): Promise<string> => stage.microphone.evaluate((button) => getComputedStyle(button).borderTopWidth);
  const muted = await edge();
  await stage.setMicrophone("open");
  expect(Number.parseFloat(await edge()), "an open microphone has a thicker edge").toBeGreaterThan(Number.parseFloat(muted));
  const tile = stage.person("olga");
  await expect(tile).toHaveAccessibleName(/speaking/);
  const ring = (): Promise<[string, string]> =>
    tile.evaluate((element) => {
      const style = getComputedStyle(element.querySelector(".avatar") ?? element, "::before");
      return [style.borderTopStyle, style.borderTopWidth];
    });
  const [style, width] = await ring();
  expect(style).toBe("solid");
  expect(Number.parseFloat(width)).toBeGreaterThanOrEqual(2);
  // Axe reads the colours of the page, not those that the system puts in their place: these are for eyes.
  await page.screenshot({ path: test.info().outputPath("no-colours-room.png") });

  await page.goto("/settings/look");
  const chosen = (name: string): Promise<string> =>
    page.getByRole("radiogroup", { name: "Colours" }).getByText(name, { exact: true }).evaluate((label) => getComputedStyle(label.closest("label") ?? label).borderTopWidth);
  expect(await chosen("System")).not.toBe(await chosen("Dark"));
  const marked = (name: string): Promise<string> => page.getByRole("link", { name, exact: true }).evaluate((link) => getComputedStyle(link).outlineStyle);
  expect([await marked("Look and language"), await marked("Sound")]).toEqual(["solid", "none"]);
  await page.screenshot({ path: test.info().outputPath("no-colours-settings.png") });
});
