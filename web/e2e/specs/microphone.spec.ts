// The microphone as the browser gives it: when it is asked for, what a no leads to, and what happens when it goes away.

import { bringOnStage, expect, test } from "../harness/house.ts";
import { expectHears, expectSilence } from "../harness/hearing.ts";
import { expectGoodLooks } from "../harness/look.ts";
import { answerBrowser, takeMicrophoneAway, timesAsked } from "../harness/person.ts";

test("nobody is asked for a microphone before they say yes to the stage, and then once", async ({ house }) => {
  const [olga, ann, ben] = await house.members("olga", "ann", "ben");
  const stage = await olga.hallway.start({ title: "First words" });
  const room = await ann.hallway.enter("First words");
  await ben.hallway.enter("First words");
  expect(await timesAsked(olga), "an owner arrives muted").toBe(0);
  await stage.setMicrophone("open");
  expect(await timesAsked(olga)).toBe(1);
  await expectHears(ann, [olga.tone]);

  await room.raiseHand();
  await stage.bringUp("ann");
  await expect(room.asked).toBeVisible();
  expect(await timesAsked(ann), "being asked up asks the browser nothing").toBe(0);
  await room.comeUp();
  expect(await timesAsked(ann)).toBe(1);
  await room.setMicrophone("open");
  await room.setMicrophone("muted");
  await room.setMicrophone("open");
  expect(await timesAsked(ann), "muting keeps it").toBe(1);
  await expectHears(ben, [olga.tone, ann.tone]);
  expect(await timesAsked(ben), "a listener never").toBe(0);
});

test("who refuses the browser stays in the audience, is told how to allow it, and comes up when they do", async ({ house }) => {
  test.setTimeout(180_000);
  const [olga, ann] = await house.members("olga", "ann");
  const stage = await olga.hallway.start({ title: "Shy" });
  const room = await ann.hallway.enter("Shy");
  await room.raiseHand();
  await stage.bringUp("ann");
  await answerBrowser(ann, "no");
  await room.asked.getByRole("button", { name: "Come up, muted" }).click();
  await expect(room.asked).toMatchAriaSnapshot(`
    - dialog "olga asks you up":
      - heading "olga asks you up" [level=2]
      - status:
        - text: This browser does not let us near the microphone.
        - list "How to fix it":
          - listitem: Tap the icon before the address, at the top of the browser.
          - listitem: Set “Microphone” to “Allow”.
          - listitem: Come back here and try again.
      - button "Come up, muted"
      - button "Not now"
  `);
  await expectGoodLooks(ann.page, "microphone-refused-on-the-way");
  await expect(stage.stage.getByRole("button", { name: /^ann/ }), "nobody is on stage without a microphone").toHaveAccessibleName(/invited up/);

  await answerBrowser(ann, "yes");
  await room.comeUp();
  await expect(stage.person("ann")).toHaveAccessibleName("ann, muted");
});

test("a microphone refused on stage leaves its owner muted, and heard when the browser allows it", async ({ house }) => {
  test.setTimeout(180_000);
  const [olga, ann] = await house.members("olga", "ann");
  const stage = await olga.hallway.start({ title: "Locked away" });
  await ann.hallway.enter("Locked away");
  await answerBrowser(olga, "no");
  await stage.microphone.click();
  await expect(olga.page.getByText("This browser does not let us near the microphone.")).toBeVisible();
  await expect(stage.microphone).toHaveAttribute("aria-pressed", "false");
  await expectGoodLooks(olga.page, "microphone-refused-on-stage");
  await expectSilence(ann);
  await answerBrowser(olga, "yes");
  await stage.setMicrophone("open");
  await expect(olga.page.getByText("This browser does not let us near the microphone.")).toBeHidden();
  await expectHears(ann, [olga.tone]);
});

test("a microphone that the system takes away is muted for everybody, and one tap brings it back", async ({ house }) => {
  test.setTimeout(180_000);
  const [olga, ann, ben] = await house.members("olga", "ann", "ben");
  const stage = await olga.hallway.start({ title: "A call comes in" });
  const room = await ann.hallway.enter("A call comes in");
  await ben.hallway.enter("A call comes in");
  await bringOnStage(stage, "ann", room);
  await expectHears(ben, [ann.tone]);

  await takeMicrophoneAway(ann);
  await expect(stage.person("ann")).toHaveAccessibleName("ann, muted");
  await expect(room.microphone).toHaveAttribute("aria-pressed", "false");
  await expect(ann.page.getByRole("main").getByRole("status")).toMatchAriaSnapshot(`
    - status: Your system took the microphone away, perhaps for a call. You are muted until you open it again.
  `);
  await expectSilence(ben);
  await expectGoodLooks(ann.page, "microphone-taken-away");

  await room.setMicrophone("open");
  expect(await timesAsked(ann)).toBe(2);
  await expectHears(ben, [ann.tone]);
});
