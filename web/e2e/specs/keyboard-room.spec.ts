// A closed room by keys alone: opened with somebody asked in, its bar, the dock in the hallway, and every question on the way.

import { expect, type Member, test } from "../harness/house.ts";
import { byKeysAlone, expectFocus, expectInSheet, focused, press, tabTo, write } from "../harness/keys.ts";
import { Room } from "../harness/pages/room.ts";

const TITLE = "Just us";

test("a closed room is opened, kept in order from its bar and left from the dock, by keys alone", async ({ house, calm }) => {
  test.setTimeout(180_000);
  const people = [await calm("olga"), await calm("ann")] as const;
  for (const one of people) await byKeysAlone(one);
  const [olga, ann] = [await house.welcome(people[0]), await house.welcome(people[1])];
  const stage = await startClosed(olga, "ann");
  await expect.poll(() => focused(olga)).toBe(TITLE);

  await expect(ann.hallway.card(TITLE).getByText("Closed, olga asked you")).toBeVisible();
  await press(ann, TITLE, "link");
  const room = new Room(ann.page, TITLE);
  await room.expectInside();

  // Reactions: opened, six of them, and back to what opened them.
  await press(ann, "React");
  const six = ann.page.getByRole("toolbar", { name: "React" });
  await expect.poll(() => focused(ann)).toBe("Applause");
  await ann.page.keyboard.press("Enter");
  await expect(olga.page.getByRole("list", { name: "Reactions just now" })).toContainText("Applause: 1");
  await ann.page.keyboard.press("ArrowRight");
  await expect.poll(() => focused(ann)).toBe("Heart");
  await ann.page.keyboard.press("Escape");
  await expect(six).toBeHidden();
  await expect.poll(() => focused(ann)).toBe("React");
  // And by its key, from wherever one is: the six as they were left, and back.
  await tabTo(ann, "button", "Raise hand");
  await ann.page.keyboard.press("r");
  await expect.poll(() => focused(ann)).toBe("Heart");
  await ann.page.keyboard.press("r");
  await expect(six).toBeHidden();
  await expect.poll(() => focused(ann)).toBe("React");

  // The key to the queue is for whoever keeps order: to Ann it does nothing.
  await ann.page.keyboard.press("q");
  await expect.poll(() => focused(ann)).toBe("React");
  // A hand by its button, and back; the queue by the button of the bar, and by its key.
  await press(ann, "Raise hand");
  await expect(room.hand).toHaveAttribute("aria-pressed", "true");
  await ann.page.keyboard.press(" ");
  await expect(room.hand).toHaveAttribute("aria-pressed", "false");
  await ann.page.keyboard.press(" ");
  await expect(room.hand).toHaveAttribute("aria-pressed", "true");
  await press(olga, /^1 hand raised/);
  await expect.poll(() => focused(olga), { message: "the queue has the focus" }).toBe("1 hand");
  await tabTo(olga, "button", /^This room/);
  await olga.page.keyboard.press("q");
  await expect.poll(() => focused(olga), { message: "the queue has the focus again" }).toBe("1 hand");
  await press(olga, /^Who may raise a hand/);
  await tabTo(olga, "radio", "Everyone may raise a hand");
  await olga.page.keyboard.press("ArrowRight");
  await expect(olga.page.getByRole("radio", { name: "People followed by speakers may raise a hand" })).toBeChecked();
  await expect(room.hand, "hers is lowered, and she may raise none").toBeHidden();
  await olga.page.keyboard.press("ArrowLeft");
  await expect(room.hand).toHaveAttribute("aria-pressed", "false");
  await expect.poll(() => focused(ann), { message: "the focus is where it was" }).toMatch(/^Raise hand/);
  await ann.page.keyboard.press(" ");
  await press(olga, "Bring up ann");
  await expect(room.asked).toBeVisible();
  await expect.poll(() => focused(ann)).toBe("olga asks you up");
  // A no by Escape leaves her where she stood; asked again she goes up, and her microphone is the next thing at hand.
  await ann.page.keyboard.press("Escape");
  await expect(room.asked).toBeHidden();
  await stage.expectSaid("ann says: not now.");
  await expect.poll(() => focused(ann)).toMatch(/^Raise hand/);
  await press(olga, /^ann$/);
  await press(olga, /^Ask up to the stage/);
  await expect(room.asked).toBeVisible();
  await press(ann, "Come up, muted");
  await expect(room.asked).toBeHidden();
  await expect.poll(() => focused(ann)).toMatch(/^Microphone/);
  await ann.page.keyboard.press("Enter");
  await expect(room.microphone).toHaveAttribute("aria-pressed", "true");

  // From one sheet to the next, and back to what opened the first.
  await press(olga, /^This room/);
  await expectInSheet(olga.page.getByRole("dialog", { name: "This room" }));
  await press(olga, "Invite somebody");
  await expectInSheet(olga.page.getByRole("dialog", { name: "Invite somebody" }));
  await olga.page.keyboard.press("Escape");
  await expect.poll(() => focused(olga)).toMatch(/^This room/);

  // Browsing on: the dock keeps the microphone at hand, and gives it up with the focus on it.
  await press(ann, "Back to the hallway, stay in the room", "link");
  await expect.poll(() => focused(ann)).toBe("Being said now");
  await tabTo(ann, "button", "Microphone");
  await ann.page.keyboard.press(" ");
  await expect(room.microphone).toHaveAttribute("aria-pressed", "false");
  await press(olga, /^ann, muted/);
  await press(olga, "To the audience");
  await expect.poll(() => focused(ann), { message: "the hand takes the place of the microphone" }).toMatch(/^Raise hand/);
  await ann.page.keyboard.press("Enter");
  await expect(room.hand).toHaveAttribute("aria-pressed", "true");
  await press(ann, "Leave quietly");
  await expect(ann.page.getByRole("region", { name: "The room you are in" })).toBeHidden();
  await expectFocus(ann, "leaving by the dock");

  // Nobody is left to keep order for: no question.
  await press(olga, "Leave quietly");
  await expect.poll(() => focused(olga)).toBe("Being said now");
});

/** Somebody is found by name, taken, and the field waits for the next. */
async function startClosed(olga: Member, guest: string): Promise<Room> {
  const { page } = olga;
  await press(olga, "Start a room");
  const sheet = page.getByRole("dialog", { name: "Start a room" });
  await expectInSheet(sheet);
  await page.keyboard.press("Escape");
  await expect.poll(() => focused(olga)).toBe("Start a room");
  await page.keyboard.press("Enter");
  await expect(sheet.getByLabel("What about? Optional")).toBeFocused();
  await page.keyboard.type(TITLE);
  await tabTo(olga, "radio", /^Everyone here/);
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowDown");
  await expect(sheet.getByRole("radio", { name: /^Only people I pick/ })).toBeChecked();
  await write(olga, "Name or handle", guest, "searchbox");
  await press(olga, new RegExp(`^${guest}`));
  await expect(sheet.getByRole("button", { name: `Take ${guest} off the list` })).toBeVisible();
  await expect(sheet.getByLabel("Name or handle")).toBeFocused();
  await page.keyboard.press("Shift+Tab");
  await expect.poll(() => focused(olga)).toBe(`Take ${guest} off the list`);
  await page.keyboard.press("Enter");
  await expect(sheet.getByLabel("Name or handle"), "and so it does when somebody is taken off").toBeFocused();
  await page.keyboard.type(guest);
  await expect(sheet.getByRole("listitem").getByRole("button", { name: guest })).toBeVisible();
  await page.keyboard.press("Enter");
  await press(olga, `${guest} keeps order too`);
  await page.keyboard.press("Enter");
  await press(olga, "Open the door");
  const room = new Room(page, TITLE);
  await room.expectInside();
  return room;
}
