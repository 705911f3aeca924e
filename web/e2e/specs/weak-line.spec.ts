// A network that loses packets: what arrives is heard, and who misses something is said, shown and read out.

import { bringOnStage, expect, type Member, test as base } from "../harness/house.ts";
import { expectHears } from "../harness/hearing.ts";
import { LossyNetwork } from "../harness/lossy.ts";
import { expectGoodLooks } from "../harness/look.ts";

/** Until the server has reported a loss, or the end of one, and the average of it has followed. */
const REPORTED_MS = 30_000;

/** Olga's server, and Ann, who is behind a network of her own. */
const test = base.extend<{ olga: Member; behind: { readonly ann: Member; readonly network: LossyNetwork } }>({
  olga: async ({ house }, use) => use(await house.member("olga")),
  behind: async ({ olga: _, house, person, server }, use) => {
    const ann = await person("ann");
    const network = await LossyNetwork.before(ann, server.port);
    await use({ ann: await house.welcome(ann), network });
    network.close();
  },
});
test.describe.configure({ timeout: 180_000 });

test("a line that loses packets is called weak while it is, and listening goes on", async ({ house, olga, behind }) => {
  const { ann, network } = behind;
  const { page, hallway } = ann;
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
});

test("whoever speaks over a line that loses their packets is told that others may not hear them, while they do", async ({ olga, behind }) => {
  const { ann, network } = behind;
  const { page, hallway } = ann;
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
});
