// A network that loses packets: listening goes on, and it is said, shown and read out.

import { expect, test } from "../harness/house.ts";
import { expectHears } from "../harness/hearing.ts";
import { LossyNetwork } from "../harness/lossy.ts";
import { expectGoodLooks } from "../harness/look.ts";

test("a line that loses packets is called weak while it is, and listening goes on", async ({ house, person, server }) => {
  test.setTimeout(180_000);
  const olga = await house.member("olga");
  const ann = await person("ann");
  const network = await LossyNetwork.before(ann, server.port);
  try {
    const { page, hallway } = await house.welcome(ann);
    const ben = await house.member("ben");
    const stage = await olga.hallway.start({ title: "Under the bridge" });
    await stage.setMicrophone("open");
    await hallway.enter("Under the bridge");
    await ben.hallway.enter("Under the bridge");
    await expectHears(ann, [olga.tone]);

    const weak = page.getByText("Weak line.");
    await expect(weak).toBeHidden();
    network.becomes("lossy");
    await expect(weak).toBeVisible();
    await expect(page.getByRole("main").getByRole("status")).toMatchAriaSnapshot(`
      - status: Weak line. Listening goes on.
    `);
    await expectGoodLooks(page, "weak-line");
    await expect(weak, "while packets are lost").toBeVisible();
    await expect(ben.page.getByText("Weak line."), "somebody else's line is theirs").toBeHidden();

    network.becomes("well");
    await expect(weak).toBeHidden();
    await expectHears(ann, [olga.tone]);
  } finally {
    network.close();
  }
});
