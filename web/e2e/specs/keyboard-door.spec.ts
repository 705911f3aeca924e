// The ways in and out by keys alone: the first run, an invitation, signing out.

import { expect, test } from "../harness/house.ts";
import { byKeysAlone, expectFocus, focused, press, write } from "../harness/keys.ts";
import { expectHallway } from "../harness/pages/door.ts";
import { expectSignedOut } from "../harness/pages/signing.ts";
import { Authenticator, withoutOfferInField } from "../harness/passkeys.ts";

const HOUSE = "Kitchen Radio";

test("a server is opened, people are let in, and its owner goes out and comes back, by keys alone", async ({ server, person }) => {
  test.setTimeout(180_000);
  const [ann, ben] = [await person("ann"), await person("ben")];
  for (const one of [ann, ben]) {
    await byKeysAlone(one);
    await withoutOfferInField(one);
    await Authenticator.plugIn(one);
  }
  await ann.page.goto(await server.ownerLink());
  await write(ann, "Name your server", HOUSE);
  await ann.page.keyboard.press("Enter");
  await expect.poll(() => focused(ann), { message: "the next step has the focus" }).toBe("Who are you?");
  await ann.page.keyboard.press("Tab");
  expect(await ann.page.evaluate(() => document.activeElement?.getAttribute("autocomplete")), "one press to the name").toBe("nickname");
  await ann.page.keyboard.type("Ann");
  await ann.page.keyboard.press("Enter");
  await expect.poll(() => focused(ann)).toBe("Ann, owner");
  await press(ann, "Save a passkey");
  await expect.poll(() => focused(ann)).toBe("Invite your first people");
  await press(ann, "Make three links");
  await expect(ann.page.getByRole("button", { name: "The address as a picture to scan" })).toHaveCount(3);
  await expectFocus(ann, "making links");
  await press(ann, "The address as a picture to scan");
  const link = (await ann.page.getByText(/^https?:\/\/\S+#[\w-]+$/).first().textContent()) ?? "";
  await press(ann, "Open the hallway");
  await expectHallway(ann.page);
  await expect.poll(() => focused(ann)).toBe("Being said now");

  await ben.page.goto(link);
  await expect(ben.page.getByRole("heading", { name: `Ann invites you to ${HOUSE}` })).toBeVisible();
  await write(ben, "What shall people call you?", "Ben");
  await press(ben, "Come in");
  await expect.poll(() => focused(ben)).toBe("Welcome, Ben");
  await press(ben, "Save a passkey");
  await expectHallway(ben.page);
  await expect.poll(() => focused(ben)).toBe("Being said now");

  // Another link, from Settings: what stands around a part of them was read before.
  await press(ann, "You: Ann. Settings", "link");
  await expect.poll(() => focused(ann)).toBe("Settings");
  await press(ann, "Invitations", "link");
  await expect.poll(() => focused(ann)).toBe("Invitations");
  await write(ann, "For whom? Only you see this", "Cleo");
  await ann.page.keyboard.press("Enter");
  await expect(ann.page.getByText("Shown once.")).toBeVisible();
  await press(ann, "Take back the invitation Cleo");
  await expect(ann.page.getByRole("listitem").filter({ hasText: "For Cleo" })).toContainText("Taken back");
  await expectFocus(ann, "taking an invitation back");

  await press(ann, "You", "link");
  await press(ann, "Sign out on this device");
  await expectSignedOut(ann.page);
  await expect.poll(() => focused(ann)).toBe(`Welcome back to ${HOUSE}`);
  await press(ann, "Use a recovery code");
  await expectFocus(ann, "choosing another way in");
  await press(ann, "Continue with a passkey");
  await expectFocus(ann, "choosing the first way again");
  await press(ann, "Continue with a passkey");
  await expectHallway(ann.page);
});
