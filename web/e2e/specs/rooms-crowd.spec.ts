// A room with more people than a screen: what somebody sees who comes in by a browser.

import { Crowd } from "../harness/crowd.ts";
import { expect, test as base } from "../harness/house.ts";
import { soundLog } from "../harness/hearing.ts";
import { expectGoodLooks } from "../harness/look.ts";
import { makeInvitation } from "../harness/pages/settings.ts";
import { Room } from "../harness/pages/room.ts";

/** Over fifty, newcomers of the audience are told twice a second, together. */
const LISTENERS = 70;

const test = base.extend<{ crowd: Crowd }>({
  crowd: async ({ house, server }, use, info) => {
    const olga = await house.member("olga");
    const crowd = Crowd.gather(server, await makeInvitation(olga.page), LISTENERS);
    await use(crowd);
    if (info.status !== info.expectedStatus) await info.attach("crowd", { body: crowd.said });
    crowd.end();
  },
});

test("in a room of seventy everybody is shown, counted and found, and who speaks is heard; they go, and the screen empties", async ({ house, crowd }) => {
  test.setTimeout(240_000);
  const ann = await house.member("ann");
  // The room of a crowd has no title: it is called after who is on its stage.
  const card = ann.page.getByRole("article");
  await expect(card).toHaveCount(1, { timeout: 60_000 });
  await card.getByRole("link").click();
  const room = new Room(ann.page, "A room without a name");
  await room.expectInside();
  const names = async (): Promise<number> => (await room.shown()).length;
  // The talker, everybody who listens, and Ann.
  await expect.poll(names, { timeout: 60_000 }).toBe(LISTENERS + 2);
  await expect(ann.page.getByRole("complementary", { name: "Listening" }).getByRole("heading", { name: `Listening ${LISTENERS + 1}` })).toBeVisible();
  const shown = await room.shown();
  expect(new Set(shown.map(({ name }) => name)).size, "everybody once").toBe(LISTENERS + 2);
  await expect.poll(async () => Date.now() - ((await soundLog(ann)).last ?? 0), { message: "ann hears somebody" }).toBeLessThan(500);
  await expectGoodLooks(ann.page, "room-of-seventy");

  expect(await crowd.leaves(), "as a program that Ctrl-C ends").toBe(130);
  // Nobody's seat waits for them: that would take half a minute.
  await room.expectShown(["ann"], 15_000);
});
