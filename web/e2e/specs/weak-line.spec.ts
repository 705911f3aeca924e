// A network that loses packets: what arrives is heard, and who misses something is said, shown and read out.

import { bringOnStage, expect, test } from "../harness/house.ts";
import { expectHears } from "../harness/hearing.ts";
import { LossyNetwork } from "../harness/lossy.ts";
import { expectGoodLooks } from "../harness/look.ts";

/** Until the server has reported a loss, or the end of one, and the average of it has followed. */
const REPORTED_MS = 30_000;

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

test("whoever speaks over a line that loses their packets is told that others may not hear them, while they do", async ({ house, person, server }) => {
  test.setTimeout(180_000);
  const olga = await house.member("olga");
  const ann = await person("ann");
  const network = await LossyNetwork.before(ann, server.port);
  try {
    const { page, hallway } = await house.welcome(ann);
    const stage = await olga.hallway.start({ title: "From the train" });
    await stage.setMicrophone("open");
    const room = await hallway.enter("From the train");
    await bringOnStage(stage, "ann", room);
    await expectHears(olga, [ann.tone]);

    const weak = page.getByText("Weak line.");
    await expect(weak).toBeHidden();
    network.becomes("lossy up");
    await expect(weak, "the server's next report says so").toBeVisible({ timeout: REPORTED_MS });
    await expect(page.getByRole("main").getByRole("status")).toMatchAriaSnapshot(`
      - status: Weak line. The others may not hear you well.
    `);
    await room.setMicrophone("muted");
    await expect(weak, "nobody misses a voice that is silent").toBeHidden({ timeout: 1_000 });

    await room.setMicrophone("open");
    await expect(weak).toBeVisible({ timeout: REPORTED_MS });
    network.becomes("well");
    await expect(weak).toBeHidden({ timeout: REPORTED_MS });
    await expectHears(olga, [ann.tone]);
  } finally {
    network.close();
  }
});
