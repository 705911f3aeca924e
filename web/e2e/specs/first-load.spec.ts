// What somebody waits for before they hear anything: everything that is loaded up to the first room, as it travels.

import { expect, test } from "../harness/house.ts";

/** Bytes, compressed, as a slow telephone network notices: a second and a half at 400 kbit/s. */
const SCRIPTS_MAX = 60_000;
const STYLES_MAX = 12_000;

test("up to the first room a page loads less than 60 kB of scripts and 12 kB of styles", async ({ house }) => {
  const [olga, ann] = await house.members("olga", "ann");
  await olga.hallway.start({ title: "Come in" });
  // Fetched ahead of the need for them, however slow the machine: nothing up to the first word waits for sheets.
  await ann.page.route(/\/assets\/(en\.)?sheets-/, () => undefined);
  // Anew, so that the ceremony of joining is not counted: this is what somebody loads every first time of a day.
  await ann.page.reload();
  await ann.hallway.enter("Come in");
  const loaded = await ann.page.evaluate(() => performance.getEntriesByType("resource").map((entry) => entry.name));
  const weigh = async (ending: string): Promise<number> => {
    let bytes = 0;
    for (const url of new Set(loaded.filter((name) => new URL(name).pathname.endsWith(ending)))) {
      const answer = await fetch(url, { headers: { "accept-encoding": "br" } });
      expect(answer.ok, url).toBe(true);
      bytes += Number(answer.headers.get("content-length"));
    }
    return bytes;
  };
  const [scripts, styles] = [await weigh(".js"), await weigh(".css")];
  console.log(`measured: first load up to a room: ${scripts} bytes of scripts, ${styles} of styles`);
  expect(scripts).toBeGreaterThan(10_000);
  expect(scripts).toBeLessThan(SCRIPTS_MAX);
  expect(styles).toBeGreaterThan(1_000);
  expect(styles).toBeLessThan(STYLES_MAX);
});
