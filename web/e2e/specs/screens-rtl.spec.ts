// From the other side: screens in a language that is written from right to left. What lies where is asked in both
// directions, so that a fact which holds by chance holds in one of them only. And the languages that people read.

import type { Locator, Page } from "@playwright/test";
import { called, type Direction, enter, show, type Spoken } from "../harness/gallery.ts";
import { expectGoodLooks, overflow } from "../harness/look.ts";
import { expect, test } from "../harness/screens.ts";

// What hundreds of looks leave behind would take longer to write than they took.
test.use({ trace: "off" });

const PHONE = { width: 390, height: 844 };
const DESK = { width: 1280, height: 800 };

/** A screen of each kind, and what points, slides or fills. */
const LOOKED_AT = [
  "claim-invite",
  "invitation",
  "server-open",
  "door",
  "hallway",
  "hallway-docked",
  "start-closed",
  "room",
  "room-lost",
  "place-invited",
  "moderator-person",
  "moderator-menu",
  "moderator-invite",
  "moderator-removed",
  "person",
  "report-chosen",
  "recent",
  "people",
  "profile",
  "settings-docked",
  "settings-look",
  "settings-sound-tried",
  "settings-devices",
  "settings-codes",
  "settings-reports",
  "settings-order",
  "settings-order-suspend",
  "settings-kept",
];

/** Screens of a direction: `start` is where its reading begins. */
class Screens {
  constructor(
    readonly page: Page,
    readonly direction: Direction,
  ) {}

  async show(scene: string, size: { width: number; height: number }): Promise<void> {
    await this.page.setViewportSize(size);
    await show(this.page, scene);
  }

  button(name: string): Locator {
    return this.page.getByRole("button", { name: called(name, "begins") }).filter({ visible: true });
  }

  link(name: string): Locator {
    return this.page.getByRole("link", { name: called(name, "begins") }).filter({ visible: true });
  }

  /** One is read after the other, and none lies over the next. */
  async expectInOrder(...parts: readonly Locator[]): Promise<void> {
    const boxes = await Promise.all(parts.map((part) => this.span(part)));
    for (const [at, box] of boxes.slice(1).entries()) {
      expect(box.start, `${parts[at + 1]} comes after ${parts[at]}`).toBeGreaterThanOrEqual((boxes[at]?.end ?? 0) - 1);
    }
  }

  /** An angle bracket has more of its box on the side that it points to. */
  async expectPointsToStart(icon: Locator): Promise<void> {
    const [frame, path] = [await this.span(icon), await this.span(icon.locator("path"))];
    expect(path.start + path.end, `${icon}`).toBeLessThan(frame.start + frame.end);
  }

  /** Text that has no space is cut at its end. */
  async expectBeginningSeen(text: Locator): Promise<void> {
    const hidden = await text.evaluate((element) => {
      const first = document.createRange();
      first.setStart(element.firstChild as Node, 0);
      first.setEnd(element.firstChild as Node, 1);
      const [letter, frame] = [first.getBoundingClientRect(), element.parentElement?.getBoundingClientRect()];
      return Math.max((frame?.left ?? 0) - letter.left, letter.right - (frame?.right ?? 0));
    });
    expect(hidden, "pixels of its first letter that are outside").toBeLessThanOrEqual(0);
  }

  /** Pixels from the side where reading begins. */
  async span(part: Locator): Promise<{ start: number; end: number }> {
    const { x, right, width } = await part.first().evaluate((element) => {
      const { left, right } = element.getBoundingClientRect();
      return { x: left, right, width: document.documentElement.clientWidth };
    });
    return this.direction === "ltr" ? { start: x, end: right } : { start: width - right, end: width - x };
  }
}

for (const direction of ["ltr", "rtl"] as const) {
  test(`who reads ${direction} finds what comes first at the side where reading begins`, async ({ person }) => {
    const { page } = await person("ann");
    await enter(page, direction);
    await expect(page.locator("html")).toHaveAttribute("dir", direction);
    const screens = new Screens(page, direction);
    const { button, link } = { button: screens.button.bind(screens), link: screens.link.bind(screens) };

    await test.step("the dock leads from the room to the door, and the arrow back points back", async () => {
      for (const size of [PHONE, DESK]) {
        await screens.show("settings-docked", size);
        await screens.expectInOrder(page.locator(".dock a"), page.locator(".dock").getByRole("button").first(), page.locator(".dock").getByRole("button").last());
        await expect(page.locator(".dock").getByRole("button").last()).toHaveAccessibleName(called("Leave quietly", "begins"));
        await screens.expectInOrder(button("Back"), page.getByRole("heading", { level: 1 }));
        await screens.expectPointsToStart(button("Back").locator(".icon"));
        await screens.show("door", size);
        await screens.expectPointsToStart(link("To the hallway").locator(".icon"));
      }
      await screens.expectInOrder(link("To the hallway"), page.getByRole("heading", { level: 1 }));
    });

    await test.step("settings: names before their knobs, and what fills begins at the start", async () => {
      await screens.show("settings-docked", DESK);
      await screens.expectInOrder(page.getByRole("navigation"), page.locator(".groups"));
      const row = page.getByRole("listitem").filter({ has: page.getByRole("slider") }).first();
      await screens.expectInOrder(row.locator(".avatar"), row.locator(".name"), row.getByRole("slider"));
      await screens.show("settings-sound-tried", DESK);
      await screens.expectInOrder(page.locator(".meter .lit").last(), page.locator(".meter i:not(.lit)").first());
      const choice = page.locator(".select").first();
      const [frame, arrow] = [await screens.span(choice), await screens.span(choice.locator(".icon"))];
      expect(frame.end - arrow.end, "the arrow of a choice is at its end").toBeLessThan(arrow.start - frame.start);
    });

    await test.step("on a phone: the tab that one is in is seen, and a Latin title is cut at its own end", async () => {
      await screens.show("settings-codes", PHONE);
      const [tabs, tab] = [await screens.span(page.locator(".tabs")), await screens.span(page.locator(".tabs [aria-current]"))];
      expect(tab.start, "inside").toBeGreaterThanOrEqual(tabs.start);
      expect(tab.end, "inside").toBeLessThanOrEqual(tabs.end);
      await screens.show("hallway-docked", PHONE);
      await screens.expectBeginningSeen(page.locator(".dock bdi").first());
    });

    await test.step("a room: its head, its bar, and who listens beside it", async () => {
      for (const size of [PHONE, DESK]) {
        await screens.show("room", size);
        await screens.expectInOrder(link("Back to the hallway"), page.locator(".server"), button("This room"));
        await screens.expectInOrder(button("Leave quietly"), button("React"), button("Raise hand"));
      }
      await screens.show("room", PHONE);
      await screens.expectInOrder(page.locator(".person .tag").nth(0), page.locator(".person .tag").nth(1), page.locator(".person .tag").nth(2));
      await screens.show("room", DESK);
      await screens.expectInOrder(page.getByRole("main"), page.getByRole("complementary"));
      expect((await screens.span(page.getByRole("main"))).start).toBe(0);
      await screens.expectInOrder(button("Marta"), button("Ильдар"), button("Jo"));
    });

    await test.step("what is opened from somebody lies beside them, and what is told comes up at the start", async () => {
      await screens.show("moderator-person", DESK);
      await screens.expectInOrder(page.locator(".person.selected"), page.getByRole("dialog"));
      await screens.expectInOrder(page.getByRole("dialog").locator(".avatar"), page.getByRole("dialog").getByRole("heading"), page.getByRole("dialog").locator(".close"));
      await screens.show("moderator-removed", DESK);
      const toast = await screens.span(page.locator(".toast"));
      expect(toast.end, "in the first half").toBeLessThan(DESK.width / 2);
      await screens.expectInOrder(page.locator(".toast .grow"), page.locator(".toast").getByRole("button").first());
    });

    await test.step("the hallway: the house before the person", async () => {
      for (const size of [PHONE, DESK]) {
        await screens.show("hallway", size);
        await screens.expectInOrder(page.locator(".top .wordmark"), page.locator(".top .server"), link("Find people"), page.locator(".top .me"));
      }
    });
  });
}

test("from the other side everything looks right and fits", async ({ person }) => {
  test.setTimeout(240_000);
  const { page } = await person("ann");
  expect(await enter(page, "rtl")).toEqual(expect.arrayContaining(LOOKED_AT));
  const began = Date.now();
  for (const scene of LOOKED_AT) {
    await show(page, scene);
    await expectGoodLooks(page, `rtl-${scene}`);
  }
  console.log(`measured: ${LOOKED_AT.length} scenes looked at from the other side in ${Math.round((Date.now() - began) / 1000)} s`);
});

/** Where most is said in little space. No step of these presses a word of English. */
const SAID = ["hallway", "hallway-docked", "hallway-events", "door", "room", "authority-owner", "place-hand_raised", "place-invited", "moderator-person", "event", "invitation", "settings-look", "settings-notices", "club-member"];
const SMALLEST = { width: 320, height: 640 };

const READERS: Readonly<Record<Spoken, string>> = { ru: "Russian, which is longer than English", ar: "Arabic" };

for (const [spoken, name] of Object.entries(READERS) as [Spoken, string][]) {
  test(`who reads ${name}, finds room for every word on the smallest screen, and nothing of a button is cut off`, async ({ person }) => {
    const { page } = await person("ann");
    expect(await enter(page, spoken)).toEqual(expect.arrayContaining(SAID));
    await expect(page.locator("html")).toHaveAttribute("lang", spoken);
    for (const size of [SMALLEST, PHONE, DESK]) {
      await page.setViewportSize(size);
      for (const scene of SAID) {
        await show(page, scene);
        expect.soft(await overflow(page), `${spoken} ${scene} fits at ${size.width} pixels`).toBe(0);
        expect.soft(await cutOff(page), `${spoken} ${scene} at ${size.width} pixels`).toEqual([]);
      }
    }
  });
}

/** What a button says, where it is longer than what is seen of it. Names may be: they stand in full where one presses. */
function cutOff(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const buttons = [...document.querySelectorAll<HTMLElement>("button, a.button, .segments label, .tabs a")].filter((button) => button.checkVisibility());
    const cut = (button: Element, text: Node): boolean => {
      const range = document.createRange();
      range.selectNodeContents(text);
      const { left, right } = range.getBoundingClientRect();
      for (let frame = text.parentElement; frame !== null; frame = frame === button ? null : frame.parentElement) {
        const { clipPath, overflowX } = getComputedStyle(frame);
        // Said to whoever is read to, and not meant to be seen.
        if (clipPath !== "none") return false;
        const box = frame.getBoundingClientRect();
        if (overflowX !== "visible" && (left < box.left - 1 || right > box.right + 1)) return true;
      }
      return false;
    };
    const found: string[] = [];
    for (const button of buttons) {
      const walk = document.createTreeWalker(button, NodeFilter.SHOW_TEXT);
      for (let text = walk.nextNode(); text !== null; text = walk.nextNode()) {
        if (text.parentElement?.closest("bdi") === null && cut(button, text)) found.push(text.textContent ?? "");
      }
    }
    return found;
  });
}

test("in Arabic everything looks right, with names of any script in between", async ({ person }) => {
  test.setTimeout(120_000);
  const { page } = await person("ann");
  await enter(page, "ar");
  await expect(page.locator("html")).toHaveAttribute("dir", "rtl");
  const looked = ["hallway", "room", "door", "event", "settings-look"];
  const began = Date.now();
  for (const scene of looked) {
    await show(page, scene);
    await expectGoodLooks(page, `ar-${scene}`);
  }
  console.log(`measured: ${looked.length} scenes looked at in Arabic in ${Math.round((Date.now() - began) / 1000)} s`);
});
