// Every control of Settings that changes something on this device, used: what it says is what happens.

import type { Locator, Page } from "@playwright/test";
import { CapturedPerson } from "../harness/capture.ts";
import { bringOnStage, expect, type Member, test } from "../harness/house.ts";
import { ask, expectHears } from "../harness/hearing.ts";
import { attendLoudspeaker, heardFromLoudspeaker } from "../harness/loudspeaker.ts";
import { answerBrowser, hush, openMicrophones, speak, timesAsked } from "../harness/person.ts";
import type { Tone } from "../harness/tones.ts";

test.describe.configure({ timeout: 180_000 });

const meter = (page: Page): Locator => page.getByRole("meter", { name: "Level of your microphone" });
const deflection = async (page: Page): Promise<number> => Number(await meter(page).getAttribute("aria-valuenow"));

test("the microphone's meter moves with a voice, rests in silence, and nothing stays open when it is stopped or left", async ({ house }) => {
  const ann = await house.member("ann");
  const { page } = ann;
  await page.goto("/settings/sound");
  expect(await timesAsked(ann), "looking opens nothing").toBe(0);
  await page.getByRole("button", { name: "Try it" }).click();
  await expect.poll(() => deflection(page)).toBeGreaterThan(50);
  await expect(page.getByText("It hears you")).toBeVisible();
  await hush(ann);
  await expect.poll(() => deflection(page)).toBe(0);
  await speak(ann);
  await expect.poll(() => deflection(page)).toBeGreaterThan(50);
  expect(await openMicrophones(ann)).toBe(1);
  await page.getByRole("button", { name: "Stop" }).click();
  expect(await openMicrophones(ann)).toBe(0);
  await expect.poll(() => deflection(page)).toBe(0);

  await page.getByRole("button", { name: "Try it" }).click();
  await expect.poll(() => openMicrophones(ann)).toBe(1);
  await page.getByRole("link", { name: "Look" }).click();
  await expect.poll(() => openMicrophones(ann), "left behind, it is shut").toBe(0);

  // Allowed only after its owner had gone on: nobody would see that it is open.
  await page.getByRole("link", { name: "Sound" }).click();
  await answerBrowser(ann, "later");
  await page.getByRole("button", { name: "Try it" }).click();
  await expect.poll(() => timesAsked(ann)).toBe(3);
  await page.getByRole("link", { name: "Look" }).click();
  await answerBrowser(ann, "yes");
  await expect.poll(() => openMicrophones(ann)).toBe(0);

  await page.getByRole("link", { name: "Sound" }).click();
  await answerBrowser(ann, "no");
  await page.getByRole("button", { name: "Try it" }).click();
  await expect(page.getByRole("status").filter({ hasText: /This browser does not let us near|No microphone found/ })).toBeVisible();
});

test("the test tone is played, and small sounds are silent when they are switched off", async ({ house, person }) => {
  const ann = await person("ann");
  await attendLoudspeaker(ann);
  const { page, hallway } = await house.welcome(ann);
  await page.goto("/settings/sound");
  await page.getByRole("button", { name: "Play a tone" }).click();
  await expect.poll(() => heardFromLoudspeaker(ann)).toBeGreaterThan(400);
  // Played to its end; the next one that is heard is another.
  await expect(page.locator("[aria-live=polite]")).toHaveText("Play a tone");
  await heardFromLoudspeaker(ann);

  await hallway.open();
  const stage = await hallway.start({ title: "Small sounds" });
  const { path } = stage;
  const opened = async (): Promise<number> => {
    await heardFromLoudspeaker(ann);
    await stage.setMicrophone("open");
    await stage.setMicrophone("muted");
    return heardFromLoudspeaker(ann);
  };
  expect(await opened(), "the microphone opens at 880 Hz and shuts at 587 Hz").toBeGreaterThan(500);
  await page.goto("/settings/sound");
  await page.getByRole("switch", { name: "Small sounds" }).uncheck();
  await page.goto(path);
  await stage.expectInside();
  expect(await opened()).toBe(0);
});

test("who comes in and goes makes no sound, and a hand makes one", async ({ house, person }) => {
  const olga = await person("olga");
  await attendLoudspeaker(olga);
  const { hallway } = await house.welcome(olga);
  const ann = await house.member("ann");
  const stage = await hallway.start({ title: "Quiet door" });
  await heardFromLoudspeaker(olga);

  const room = await ann.hallway.enter("Quiet door");
  await stage.expectShown(["olga", "ann"]);
  await room.leave();
  await stage.expectShown(["olga"]);
  await ann.hallway.enter("Quiet door");
  await stage.expectShown(["olga", "ann"]);
  expect(await heardFromLoudspeaker(olga), "nothing of who came and went").toBe(0);

  await room.raiseHand();
  await expect.poll(() => heardFromLoudspeaker(olga), { message: "a hand, at 740 Hz" }).toBeGreaterThan(700);
});

test("a microphone chosen in the middle of a word is the one that is heard; a loudspeaker chosen leaves it alone", async ({ house, server }) => {
  const olga = await house.member("olga");
  const captured = await CapturedPerson.start(server.origin, "ann", 770);
  try {
    await captured.person.context.addInitScript(() => {
      const media = navigator.mediaDevices;
      const open = media.getUserMedia.bind(media);
      Object.assign(window, { opened: [] as string[] });
      media.getUserMedia = async (wanted) => {
        const stream = await open(wanted);
        (window as unknown as { opened: string[] }).opened.push(stream.getAudioTracks()[0]?.label ?? "");
        return stream;
      };
    });
    const ann = await house.welcome(captured.person);
    const opened = (): Promise<string[]> => ann.page.evaluate(() => (window as unknown as { opened: string[] }).opened);
    const stage = await olga.hallway.start({ title: "Two microphones" });
    const room = await ann.hallway.enter("Two microphones");
    await bringOnStage(stage, "ann", room);
    await expectHears(olga, [ann.tone]);
    const [first] = await opened();

    await ann.page.getByRole("link", { name: "Back to the hallway, stay in the room" }).first().click();
    await ann.page.getByRole("link", { name: "You: ann. Settings" }).click();
    await ann.page.getByRole("link", { name: "Sound" }).click();
    const microphones = ann.page.getByRole("combobox", { name: "Microphone" });
    await expect(microphones.getByRole("option")).toHaveCount(3);
    const labels = await microphones.getByRole("option").allTextContents();
    const other = labels.find((label) => label !== "As the system has it" && label !== first) ?? "";
    await microphones.selectOption(other);
    await expect.poll(opened).toEqual([first, other]);
    await expect(stage.person("ann"), "still speaking").toHaveAccessibleName("ann, speaking");
    await expectHears(olga, [ann.tone]);

    const speakers = ann.page.getByRole("combobox", { name: "Loudspeaker" });
    const sinks = await speakers.getByRole("option").allTextContents();
    await speakers.selectOption(sinks.at(-1) ?? "");
    await expect.poll(() => chosenSink(ann)).toBe(await speakers.inputValue());
    expect(await opened(), "the microphone is left alone").toEqual([first, other]);

    await ann.page.reload();
    await expect(microphones, "both are remembered on this device").toHaveValue(/./);
    expect(await microphones.locator("option:checked").textContent()).toBe(other);
    expect(await speakers.locator("option:checked").textContent()).toBe(sinks.at(-1));
  } finally {
    await captured.close();
  }
});

/** The loudspeaker of the elements that play voices. */
function chosenSink(person: Member): Promise<string> {
  return ask(person, () => window.ears.sinks().find((sink) => sink !== "") ?? "", undefined);
}

test("dark is dark under a light system, light is light under a dark one, less motion is none, and all is kept", async ({ house }) => {
  const { page } = await house.member("ann");
  const ground = (): Promise<number> =>
    page.evaluate(() => {
      const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
      if (canvas === null) throw new Error("no canvas");
      canvas.fillStyle = getComputedStyle(document.body).backgroundColor;
      canvas.fillRect(0, 0, 1, 1);
      return canvas.getImageData(0, 0, 1, 1).data[0] ?? 0;
    });
  await page.emulateMedia({ colorScheme: "light", reducedMotion: "no-preference", contrast: "no-preference" });
  await page.goto("/settings/look");
  const colours = page.getByRole("radiogroup", { name: "Colours" });
  expect(await ground()).toBeGreaterThan(200);
  await colours.getByRole("radio", { name: "Dark" }).check();
  await expect.poll(ground).toBeLessThan(60);
  await page.reload();
  await expect(colours.getByRole("radio", { name: "Dark" })).toBeChecked();
  expect(await ground(), "from the first moment").toBeLessThan(60);
  await page.emulateMedia({ colorScheme: "dark" });
  await colours.getByRole("radio", { name: "Light" }).check();
  await expect.poll(ground).toBeGreaterThan(200);
  await colours.getByRole("radio", { name: "System" }).check();
  await expect.poll(ground).toBeLessThan(60);

  const moves = (): Promise<string> => page.getByRole("main").evaluate((main) => getComputedStyle(main).getPropertyValue("--mid"));
  expect(await moves()).toMatch(/^(200ms|0?\.2s)$/);
  await page.getByRole("radiogroup", { name: "Motion" }).getByRole("radio", { name: "Less" }).check();
  await expect.poll(moves).toMatch(/^0m?s$/);
  const pale = (): Promise<boolean> => page.getByText("Less: rings stand still").evaluate((note) => getComputedStyle(note).color !== getComputedStyle(document.body).color);
  expect(await pale()).toBe(true);
  await page.getByRole("radiogroup", { name: "Contrast" }).getByRole("radio", { name: "More" }).check();
  await expect.poll(pale).toBe(false);
  await page.reload();
  await expect.poll(moves).toMatch(/^0m?s$/);
  expect(await pale()).toBe(false);
});

test("a key that is switched off does nothing, and the word about speaking while muted is said only where it is wanted", async ({ house }) => {
  const { page, hallway } = await house.member("ann");
  const room = await hallway.start({ title: "Keys" });
  await room.setMicrophone("open");
  await room.setMicrophone("muted");
  const hint = page.getByText("You are muted, and it sounds as if you speak.");
  await expect(hint).toBeVisible();
  const settings = async (tab: string, control: string): Promise<void> => {
    await page.getByRole("link", { name: "Back to the hallway, stay in the room" }).first().click();
    await page.getByRole("link", { name: "You: ann. Settings" }).click();
    await page.getByRole("link", { name: tab, exact: true }).click();
    await page.getByRole("switch", { name: control }).click();
    await page.getByRole("link", { name: "Back into the room: Keys" }).click();
    await room.expectInside();
  };
  await settings("Sound", "“You are muted, and speaking”");
  await expect(hint).toBeHidden();
  await page.keyboard.press("m");
  await expect(room.microphone).toHaveAttribute("aria-pressed", "true");
  await page.keyboard.press("m");
  await expect(room.microphone).toHaveAttribute("aria-pressed", "false");
  await expect(room.microphone).toHaveAttribute("aria-busy", "false");

  await settings("Keys", "Microphone on or off");
  await page.keyboard.press("m");
  // Keys are heard in order: when this one has answered, the other has not.
  await page.keyboard.press("?");
  await expect(page.getByRole("dialog", { name: "Keys" })).toContainText("Switched off");
  await expect(room.microphone).toHaveAttribute("aria-pressed", "false");
});

test("a new name is shown to others, and one that cannot be is refused in words", async ({ house }) => {
  const [ann, ben] = await house.members("ann", "ben");
  await ann.page.goto("/settings/you");
  const name = ann.page.getByLabel("What people call you");
  await name.fill("Anna K.");
  await ann.page.getByRole("button", { name: "Save" }).click();
  await expect(ann.page.getByText("Saved. Rooms you are in show it from the next time.")).toBeVisible();
  await ben.page.goto("/people/ann");
  await expect(ben.page.getByRole("heading", { name: "Anna K.", level: 1 })).toBeVisible();
  await name.fill("\u200b\u200b");
  await ann.page.getByRole("button", { name: "Save" }).click();
  await expect(ann.page.getByRole("main").getByRole("alert")).toHaveText("That name cannot be used. One to forty characters, nothing invisible.");
  await ann.page.goto("/");
  await expect(ann.page.getByRole("link", { name: "You: Anna K.. Settings" })).toBeVisible();
});

test("somebody turned off is not played to me, is to everybody else, and stays off until I turn them up", async ({ house }) => {
  const [olga, ann, ben, cleo] = await house.members("olga", "ann", "ben", "cleo");
  const stage = await olga.hallway.start({ title: "Too loud for me" });
  await stage.setMicrophone("open");
  const room = await ann.hallway.enter("Too loud for me");
  const seat = await ben.hallway.enter("Too loud for me");
  await cleo.hallway.enter("Too loud for me");
  await bringOnStage(stage, "ann", room);
  await expectHears(ben, [olga.tone, ann.tone]);

  const sheet = await seat.sheet("ann");
  await sheet.getByRole("slider", { name: "Volume, for you only" }).fill("0");
  await sheet.getByRole("button", { name: "Close" }).click();
  await expect.poll(() => aloud(ben)).toEqual([olga.tone]);
  await expect(seat.person("ann")).toHaveAccessibleName("ann, speaking, off for you");
  await expectHears(cleo, [olga.tone, ann.tone]);
  // Into another slot, and out of the room and in again.
  await room.setMicrophone("muted");
  await room.setMicrophone("open");
  await expect.poll(() => aloud(ben)).toEqual([olga.tone]);
  await seat.leave();
  await ben.hallway.enter("Too loud for me");
  await expect(seat.person("ann")).toHaveAccessibleName("ann, speaking, off for you");
  await expect.poll(() => aloud(ben)).toEqual([olga.tone]);

  await ben.page.getByRole("link", { name: "Back to the hallway, stay in the room" }).first().click();
  await ben.page.getByRole("link", { name: "You: ben. Settings" }).click();
  await ben.page.getByRole("link", { name: "Sound" }).click();
  const slider = ben.page.getByRole("slider", { name: "Volume of ann, for you only" });
  await expect(slider).toHaveValue("0");
  await slider.fill("100");
  await expectHears(ben, [olga.tone, ann.tone]);
});

/** The tones that come out of the page's loudspeaker now, of all that arrive. */
async function aloud(person: Member): Promise<Tone[]> {
  const { tracks } = await ask(person, () => window.ears.hear(), undefined);
  return tracks.flatMap(({ tones, played }) => (played ? (tones as Tone[]) : [])).sort((one, other) => one - other);
}

test("whoever chooses another language reads it at once, stays in their room meanwhile, and finds it again", async ({ house }) => {
  const [olga, ann] = await house.members("olga", "ann");
  await olga.hallway.start({ title: "Words" });
  const { page } = ann;
  await ann.hallway.enter("Words");
  await page.goto("/settings/look");
  const dock = page.locator(".dock");
  await expect(dock.getByRole("link", { name: "Back into the room: Words" })).toBeVisible();
  // A page that is loaded anew has forgotten this, and the seat would be another.
  await page.evaluate(() => Object.assign(window, { stayed: true }));

  const field = (name: string) => page.getByRole("combobox", { name });
  await expect(field("Language").getByRole("option")).toHaveText(["As the browser has it", "English", "Русский", "العربية"]);
  await field("Language").selectOption("ar");
  await expect(field("اللغة")).toBeFocused();
  await expect(field("اللغة")).toHaveValue("ar");
  await expect(page.locator("html")).toHaveAttribute("dir", "rtl");
  await expect(page.locator("html")).toHaveAttribute("lang", "ar");
  await expect(page).toHaveTitle(/المظهر واللغة/);
  await expect(dock.getByRole("link", { name: "عودة إلى الغرفة: Words" })).toBeVisible();
  await field("اللغة").selectOption("ru");
  await expect(field("Язык")).toBeFocused();
  await expect(page.locator("html")).toHaveAttribute("dir", "ltr");
  await dock.getByRole("link", { name: "Вернуться в комнату: Words" }).click();
  await expect(page.getByRole("button", { name: "Поднять руку" })).toBeVisible();
  expect(await page.evaluate(() => "stayed" in window)).toBe(true);

  await page.reload();
  await expect(page.getByRole("button", { name: "Поднять руку" })).toBeVisible();
  await page.goto("/settings/look");
  await field("Язык").selectOption("system");
  await expect(field("Language")).toBeFocused();
});

test("where a language cannot be fetched, the page says so and stays as it is; where it never could be, the page is in English", async ({ house }) => {
  const ann = await house.member("ann");
  const { page } = ann;
  await page.goto("/settings/look");
  const field = page.getByRole("combobox", { name: "Language" });
  await expect(field).toBeVisible();
  await page.route(/\/assets\/ru-/, (route) => route.abort());
  await field.selectOption("ru");
  await expect(page.getByRole("alert")).toHaveText(/A part of this page did not arrive/);
  await expect(field).toHaveValue("system");
  await page.evaluate(() => localStorage.setItem("vivavoce.preferences", JSON.stringify({ language: "ru" })));
  await page.reload();
  await expect(field).toBeVisible();
});
