// Firefox nominates every pair of addresses that works, and shakes hands on one of them.

import { expect, test } from "../harness/fox.ts";
import { connections, expectHears } from "../harness/hearing.ts";

/** What came in another order was one in ten. */
const TIMES = 12;

test("Firefox hears at the first try, however often it comes", async ({ house, fox }) => {
  test.setTimeout(180_000);
  const olga = await house.member("olga");
  await house.enrol("fox");
  await fox.page.goto(await house.signInLink("fox"));
  await fox.press("Sign in here");
  const stage = await olga.hallway.start({ title: "Come in" });
  await stage.setMicrophone("open");
  for (let time = 1; time <= TIMES; time += 1) {
    await fox.press("Come in", "link");
    await expectHears(fox, [olga.tone]);
    expect(await connections(fox), "one connection for each time").toHaveLength(time);
    await fox.press("Leave quietly");
    await stage.expectShown(["olga"]);
  }
});
