// What people show of themselves: put up, cut to a square, seen by others at once, and taken away again.

import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Locator, Page } from "@playwright/test";
import { expect, test } from "../harness/house.ts";
import { expectGoodLooks } from "../harness/look.ts";
import { drawTag, foundIn, held } from "../harness/memory.ts";
import { isRoot, notRun } from "../harness/needs.ts";

/** Blue and red above, grey and green below, once it is turned the way it was held. Its file says "somewhere". */
const PICTURE = join(import.meta.dirname, "../../../fuzz/corpus/picture/held-on-its-side.jpg");

const choose = (page: Page): Locator => page.getByLabel("Choose a picture");
/** The picture on somebody's place, once it has come. */
const face = (place: Locator): Locator => place.locator(".avatar img.shown");

/** The colours of its four quarters, as it is on the screen. */
const quarters = (image: Locator): Promise<string[]> =>
  image.evaluate((image: HTMLImageElement) => {
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = 4;
    const context = canvas.getContext("2d");
    context?.drawImage(image, 0, 0, 4, 4);
    return [[0, 0], [3, 0], [0, 3], [3, 3]].map(([x = 0, y = 0]) => {
      const [red = 0, green = 0, blue = 0] = context?.getImageData(x, y, 1, 1).data ?? [];
      if (Math.abs(red - green) < 40 && Math.abs(green - blue) < 40) return "grey";
      return red > green && red > blue ? "red" : green > blue ? "green" : "blue";
    });
  });

test("somebody puts up a picture, others see it in the hallway and in the room at once, and when it is taken away the initials are back", async ({ house }) => {
  const [ann, ben] = await house.members("ann", "ben");
  await ann.hallway.start({ title: "Faces" });
  const card = ben.hallway.card("Faces");
  await expect(card.locator(".avatar")).toHaveText("a");
  await expect(card.locator(".avatar img")).toHaveCount(0);

  // On another device, while she is in the room.
  const laptop = await house.device("ann", "ann's laptop");
  await laptop.page.goto("/settings/you");
  await choose(laptop.page).setInputFiles(PICTURE);
  const sheet = laptop.page.getByRole("dialog", { name: "Your picture" });
  const part = sheet.getByRole("application", { name: "The part that is shown" });
  await expect(part).toBeFocused();
  await expectGoodLooks(laptop.page, "picture-crop");
  await sheet.getByRole("button", { name: "Save" }).click();
  await expect(laptop.page.getByText("Your picture is up.")).toBeVisible();
  await expect(sheet).toBeHidden();
  const mine = face(laptop.page.getByRole("main"));
  await expect(mine).toHaveCount(1);
  expect(await quarters(mine)).toEqual(["blue", "red", "grey", "green"]);
  await expectGoodLooks(laptop.page, "picture-up");

  await expect(face(card)).toHaveCount(1);
  const room = await ben.hallway.enter("Faces");
  const seen = face(room.person("ann"));
  await expect(seen).toHaveCount(1);
  expect(await quarters(seen)).toEqual(["blue", "red", "grey", "green"]);
  await expectGoodLooks(ben.page, "picture-in-room");
  // No byte of what was in the file but its pixels.
  const address = (await seen.getAttribute("src")) ?? "";
  const served = await (await ben.context.request.get(address)).body();
  const given = await readFile(PICTURE);
  for (const word of ["somewhere", "Exif"]) {
    expect(given.includes(word), word).toBe(true);
    expect(served.includes(word), word).toBe(false);
  }

  await laptop.page.getByRole("button", { name: "Take it away" }).click();
  await expect(laptop.page.getByText("Your picture is taken away.")).toBeVisible();
  await expect(room.person("ann").locator(".avatar img")).toHaveCount(0);
  await expect(room.person("ann").locator(".avatar")).toHaveText("a");
  expect((await ben.context.request.get(address)).status()).toBe(404);
  await expect(laptop.page.getByRole("button", { name: "Undo" })).toBeFocused();
  await expectGoodLooks(laptop.page, "picture-gone");
  await laptop.page.keyboard.press("Enter");
  await expect(laptop.page.getByText("Your picture is back.")).toBeVisible();
  await expect(laptop.page.getByLabel("Choose another picture")).toBeFocused();
  await expect(face(room.person("ann"))).toHaveCount(1);
});

test("which part is shown is chosen by keyboard alone", async ({ house }) => {
  const ann = await house.member("ann");
  const { page } = ann;
  await page.goto("/settings/you");
  // Its label is pressed like any button.
  await choose(page).focus();
  const chooser = page.waitForEvent("filechooser");
  await page.keyboard.press("Enter");
  await (await chooser).setFiles(PICTURE);
  const sheet = page.getByRole("dialog", { name: "Your picture" });
  const zoom = sheet.getByRole("slider", { name: "How close" });
  await expect(sheet.getByRole("application")).toBeFocused();
  await expect(zoom).toHaveJSProperty("value", "1");
  for (let press = 0; press < 9; press++) await page.keyboard.press("+");
  for (let press = 0; press < 12; press++) {
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("ArrowUp");
  }
  expect(Number(await zoom.inputValue())).toBeGreaterThan(2);
  await page.keyboard.press("Tab");
  await expect(zoom).toBeFocused();
  await page.keyboard.press("Tab");
  await page.keyboard.press("Tab");
  await expect(sheet.getByRole("button", { name: "Save" })).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page.getByText("Your picture is up.")).toBeVisible();
  const mine = face(page.getByRole("main"));
  await expect(mine).toHaveCount(1);
  expect(await quarters(mine), "the corner that was moved to").toEqual(["red", "red", "red", "red"]);
});

test("a file that is no picture gets a sentence, and a picture that does not come leaves the initials", async ({ house }) => {
  const [ann, ben] = await house.members("ann", "ben");
  await ann.page.goto("/settings/you");
  const file = { name: "holiday.jpg", mimeType: "image/jpeg", buffer: Buffer.from("no picture at all") };
  await choose(ann.page).setInputFiles(file);
  await expect(ann.page.getByRole("alert")).toHaveText("This file is no picture that your browser can open. Choose a JPEG, PNG or WebP.");
  await expectGoodLooks(ann.page, "picture-none");
  await expect(ann.page.getByRole("dialog")).toHaveCount(0);
  await choose(ann.page).setInputFiles(PICTURE);
  await expect(ann.page.getByRole("alert")).toHaveCount(0);
  // The line breaks while it goes up.
  await ann.page.route("**/api/v1/me/picture", (route) => route.abort());
  const sheet = ann.page.getByRole("dialog", { name: "Your picture" });
  await sheet.getByRole("button", { name: "Save" }).click();
  await expect(sheet.getByRole("alert")).toContainText("Try again in a moment.");
  await ann.page.unroute("**/api/v1/me/picture");
  await sheet.getByRole("button", { name: "Save" }).click();
  await expect(ann.page.getByText("Your picture is up.")).toBeVisible();

  await ben.page.route("**/api/v1/pictures/*", (route) => route.abort());
  await ben.page.goto("/people/ann");
  await expect(ben.page.getByRole("heading", { name: "ann", level: 1 })).toBeVisible();
  const avatar = ben.page.getByRole("main").locator(".avatar");
  await expect(avatar.locator("img")).toHaveCount(1);
  await expect(avatar.locator("img")).toHaveCSS("opacity", "0");
  await expect(avatar).toHaveText("a");
});

test("of a file that a program sends as it is, the server has nothing a moment later but the picture, neither in memory nor on its disk", async ({ house, server }) => {
  if (!isRoot()) return notRun("pictures", "reading a server's memory is root's");
  const ann = await house.member("ann");
  const marks = { "what the file says": drawTag(), "what lies behind its end": drawTag() };
  const [said, behind] = Object.values(marks).map((tag) => Buffer.from(tag));
  if (said === undefined || behind === undefined) throw new Error("two");
  const picture = await readFile(PICTURE);
  const comment = Buffer.concat([Buffer.from([0xff, 0xfe, 0, said.length + 2]), said]);
  const data = Buffer.concat([picture.subarray(0, 2), comment, picture.subarray(2), behind]);
  const headers = { origin: server.origin, "content-type": "image/jpeg" };
  const answer = await ann.context.request.put("/api/v1/me/picture", { data, headers });
  expect(answer.status()).toBe(200);
  const { picture: id } = (await answer.json()) as { picture: string };
  const served = await (await ann.context.request.get(`/api/v1/pictures/${id}`)).body();
  const shown = { "the picture": served.subarray(-200) };

  await expect.poll(() => held(server, marks), { timeout: 5_000 }).toEqual({ live: [], parent: [] });
  expect((await held(server, shown)).live, "what is there would be found").not.toEqual([]);
  const files = await readdir(server.data);
  const bytes = Buffer.concat(await Promise.all(files.filter((file) => file.includes(".db")).map((file) => readFile(join(server.data, file)))));
  expect(foundIn(bytes, marks)).toEqual([]);
  expect(foundIn(bytes, shown), "and on the disk").not.toEqual([]);
});
