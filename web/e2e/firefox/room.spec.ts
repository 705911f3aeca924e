// Firefox in a room of the product with Chromium, signed in by a link from the shell.

import { expect, test } from "../harness/fox.ts";
import { expectHears, expectNoConnection, expectSilence } from "../harness/hearing.ts";

test.describe.configure({ timeout: 180_000 });

test("Firefox hears Chromium and is heard, is muted, and hears nothing when it is removed", async ({ house, fox }) => {
  const [olga, ann] = await house.members("olga", "ann");
  await house.enrol("fox");
  await fox.page.goto(await house.signInLink("fox"));
  await fox.press("Sign in here");

  const stage = await olga.hallway.start({ title: "Two browsers" });
  await stage.setMicrophone("open");
  await ann.hallway.enter("Two browsers");
  await expectHears(ann, [olga.tone]);
  await fox.press("Two browsers", "link");
  await expectHears(fox, [olga.tone]);
  await stage.expectShown(["olga", "ann", "fox"]);

  await fox.press("Raise hand");
  await stage.bringUp("fox");
  await fox.press("Come up, muted");
  await fox.press("Microphone");
  await expectHears(olga, [1500]);
  await expectHears(ann, [olga.tone, 1500]);
  await expectHears(fox, [olga.tone]);

  await stage.act("fox", "Mute");
  await expectSilence(olga);
  await expectHears(ann, [olga.tone]);
  await fox.press("Microphone");
  await expectHears(olga, [1500]);

  await stage.act("fox", "Remove from the room");
  await expectSilence(olga);
  await expectNoConnection(fox);
  await expectSilence(fox);
  await expect.poll(() => fox.page.title()).toContain("You were removed from this room");
});
