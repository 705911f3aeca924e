// A room for those whom its moderators follow: there for them at once, and for nobody else.

import { expect, follow, type Member, test } from "../harness/house.ts";
import { expectHears } from "../harness/hearing.ts";

test.describe.configure({ timeout: 180_000 });

test("a social room is there for those whom a moderator follows, from the moment they do, and for nobody else", async ({ house }) => {
  const [olga, ann, ben, cleo] = await house.members("olga", "ann", "ben", "cleo");
  await follow(olga, "ann");
  const stage = await olga.hallway.start({ title: "Among us", who: "People you follow" });
  const { path } = stage;
  await stage.setMicrophone("open");

  const room = await ann.hallway.enter("Among us");
  await expectHears(ann, [olga.tone]);
  // The same server shows ben what is open, so what he does not see he was not shown.
  const opened = await cleo.hallway.start({ title: "For everyone" });
  await expect(ben.hallway.card("For everyone")).toBeVisible();
  await expect(ben.hallway.card("Among us")).toHaveCount(0);
  await ben.hallway.knock(path);
  const words = await refusal(ben);
  await ben.hallway.knock("/r/AAAAAAAAAAAAAAAAAAAAAQ");
  expect(await refusal(ben), "the words for a room that never was").toBe(words);
  await ben.hallway.open();

  // Followed by somebody who keeps order there, he finds it without looking again.
  await stage.act("ann", "Make moderator");
  await room.expectSaid("You keep order now.");
  await follow(ann, "ben");
  const others = await ben.hallway.enter("Among us");
  await expectHears(ben, [olga.tone]);
  await others.expectShown(["olga", "ann", "ben"]);

  // Wider, for everyone; and that is said.
  await stage.menu("To everyone here");
  await others.expectSaid("The door is wider now: everyone here may come in.");
  await opened.leave();
  await cleo.hallway.enter("Among us");
  await stage.expectShown(["olga", "ann", "ben", "cleo"]);
});

async function refusal(member: Member): Promise<string> {
  await expect(member.page.getByRole("heading", { name: "There is no room here" })).toBeVisible();
  return member.page.getByRole("main").innerText();
}
