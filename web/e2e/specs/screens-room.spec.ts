// The hallway, the room and what can befall it, looked at on phone and desktop, light and dark, and as they are read out.

import { bringOnStage, expect, type Member, test } from "../harness/house.ts";
import { ask, expectHears } from "../harness/hearing.ts";
import { expectGoodLooks } from "../harness/look.ts";
import { Hallway } from "../harness/pages/hallway.ts";
import type { Room } from "../harness/pages/room.ts";
import { hush, speak } from "../harness/person.ts";

const looks = ({ page }: Member, state: string): Promise<void> => expectGoodLooks(page, state);

// One after the other: six pages that talk, drawn and measured, take all of two cores, and twice as many never come to an end.
test.describe.configure({ mode: "default" });

test("a room and its sheets look right", async ({ house }) => {
  test.setTimeout(300_000);
  const [olga, ann, ben, cleo] = await house.members("olga", "ann", "ben", "cleo");
  await olga.page.getByRole("button", { name: "Start a room" }).first().click();
  await expect(olga.page.getByRole("dialog", { name: "Start a room" })).toBeVisible();
  await looks(olga, "start-a-room");
  await olga.page.keyboard.press("Escape");
  const stage = await olga.hallway.start({ title: "What bread needs" });
  await stage.setMicrophone("open");
  const room = await ann.hallway.enter("What bread needs");
  const seat = await ben.hallway.enter("What bread needs");
  await bringOnStage(stage, "ann", room);
  await expectHears(ben, [olga.tone, ann.tone]);

  await expect(cleo.page.getByRole("article")).toHaveCount(1);
  await expect(cleo.page.getByRole("main")).toMatchAriaSnapshot(`
    - heading "Being said now" [level=1]
    - list:
      - listitem:
        - article:
          - heading "What bread needs" [level=3]:
            - link "What bread needs"
          - text: /2 on stage 1 listening/
  `);
  await looks(cleo, "hallway");

  await expect(stage.person("ann")).toHaveAccessibleName(/speaking/);
  await expect(ben.page.getByRole("main")).toMatchAriaSnapshot(`
    - heading "What bread needs" [level=1]
    - region /On stage/:
      - heading /On stage/ [level=2]
      - list:
        - listitem:
          - button /olga, owner/
        - listitem:
          - button /ann/
  `);
  await expect(ben.page.getByRole("contentinfo", { name: "You in this room" })).toMatchAriaSnapshot(`
    - contentinfo "You in this room":
      - button "Leave quietly"
      - button "Invite somebody"
      - button "React"
      - button "Raise hand"
  `);
  await looks(ben, "room-listening");
  await seat.raiseHand();
  await looks(ben, "room-hand-raised");
  await expect(olga.page.getByRole("button", { name: "Bring up ben" })).toBeVisible();
  await looks(olga, "room-queue");
  await stage.bringUp("ben");
  await expect(seat.asked).toMatchAriaSnapshot(`
    - dialog "olga asks you up":
      - heading "olga asks you up" [level=2]
      - button "Come up, muted"
      - button "Not now"
  `);
  await looks(ben, "asked-up");
  await seat.declineStage();

  await stage.person("ann").click();
  await expect(olga.page.getByRole("dialog", { name: "ann", exact: true })).toBeVisible();
  await looks(olga, "person-sheet-moderator");
  await olga.page.keyboard.press("Escape");
  await seat.person("olga").click();
  await expect(ben.page.getByRole("dialog", { name: "olga", exact: true })).toBeVisible();
  await looks(ben, "person-sheet");
  await ben.page.keyboard.press("Escape");
  await olga.page.getByRole("button", { name: /^This room/ }).click();
  await expect(olga.page.getByRole("dialog", { name: "This room" })).toBeVisible();
  await looks(olga, "room-menu");
  await olga.page.keyboard.press("Escape");
  await stage.leave();
  await expect(olga.page.getByRole("dialog", { name: "Who keeps order when you are gone?" })).toBeVisible();
  await looks(olga, "hand-over");
  await olga.page.keyboard.press("Escape");
  await ben.page.keyboard.press("?");
  await expect(ben.page.getByRole("dialog", { name: "Keys" })).toBeVisible();
  await looks(ben, "help");
  await ben.page.keyboard.press("Escape");

  await room.setMicrophone("muted");
  await hush(ann);
  await expect(ann.page.getByText("You are muted, and it sounds as if you speak.")).toBeHidden();
  await speak(ann);
  await expect(ann.page.getByRole("status").filter({ hasText: "You are muted" })).toMatchAriaSnapshot(`
    - status:
      - text: You are muted, and it sounds as if you speak.
      - button "Open the microphone"
  `);
  await looks(ann, "muted-but-speaking");
  await stage.act("ann", "Hold");
  await expect(ann.page.getByText("A moderator holds your microphone.").first()).toBeVisible();
  await looks(ann, "held");

  await ben.page.getByRole("link", { name: "Back to the hallway, stay in the room" }).first().click();
  await expect(ben.page.getByRole("region", { name: "The room you are in" })).toBeVisible();
  await looks(ben, "dock");

  await stage.act("ben", "Remove from the room");
  await expect(ben.page.getByText("You were removed from this room.", { exact: true })).toBeVisible();
  await looks(ben, "removed-while-browsing");
  await expect(olga.page.getByRole("button", { name: "Undo: let ben back in" })).toBeVisible();
  await looks(olga, "undo");
});

test("a lively room of six, as it looks to the one who keeps order", async ({ house }) => {
  test.setTimeout(180_000);
  const names = { ada: "Ada", bo: "Bo Lindqvist", ines: "Inês", mo: "Mo", sam: "Sam Okafor", yuki: "Yuki" };
  const people: Member[] = [];
  for (const [handle, name] of Object.entries(names)) {
    const person = await house.person(handle);
    await house.signUp(person);
    const { origin } = house.server;
    const renamed = await person.context.request.post("/api/v1/me/name", { data: { name }, headers: { origin } });
    expect(renamed.ok()).toBe(true);
    people.push({ ...person, hallway: new Hallway(person.page) });
  }
  const [ada, bo, ines, mo, sam, yuki] = people as [Member, Member, Member, Member, Member, Member];
  for (const one of people) await one.hallway.open();
  const title = "What bread needs, and what it does not";
  const stage = await ada.hallway.start({ title });
  await stage.setMicrophone("open");
  const rooms = new Map<Member, Room>();
  for (const one of [bo, ines, mo, sam, yuki]) rooms.set(one, await one.hallway.enter(title));
  for (const [one, name] of [[bo, names.bo], [ines, names.ines]] as const) {
    await bringOnStage(stage, name, rooms.get(one) as Room);
  }
  await bringOnStage(stage, names.mo, rooms.get(mo) as Room);
  await rooms.get(mo)?.setMicrophone("muted");
  await stage.act(names.bo, "Make moderator");
  await rooms.get(yuki)?.raiseHand();
  await expectHears(sam, [ada.tone, bo.tone, ines.tone]);
  await expect(stage.person(names.ines)).toHaveAccessibleName(/speaking/);
  await expect(ada.page.getByRole("button", { name: "Bring up Yuki" })).toBeVisible();
  // Notices pass by themselves; the picture is of the room without them.
  await expect(ada.page.getByRole("button", { name: "Dismiss" })).toHaveCount(0, { timeout: 15_000 });
  await ada.page.mouse.move(0, 0);
  await expectGoodLooks(ada.page, "lively-room");
});

test("what befalls a room is said, shown and read out: removed, ended, not there", async ({ house }) => {
  test.setTimeout(240_000);
  const [olga, ann, ben] = await house.members("olga", "ann", "ben");
  const stage = await olga.hallway.start({ title: "Short one" });
  const room = await ann.hallway.enter("Short one");
  await ben.hallway.enter("Short one");
  const path = room.path;
  await stage.act("ann", "Remove from the room");
  await expect(ann.page.getByRole("main")).toMatchAriaSnapshot(`
    - heading "You were removed from this room" [level=1]
    - paragraph: You cannot come back to it. Other rooms are open to you.
    - button "To the hallway"
  `);
  await looks(ann, "removed");
  await stage.menu("End the room for everyone");
  await expect(ben.page.getByText(/^This room ends in \d+ seconds?\. Nothing stays\.$/)).toBeVisible();
  await expect(ben.page.getByRole("main")).toMatchAriaSnapshot(
    `
    - heading "This room has ended" [level=1]
    - paragraph: Nothing of it is left.
    - button "To the hallway"
  `,
    { timeout: 15_000 },
  );
  await looks(ben, "room-ended");
  await olga.page.goto(path);
  const enter = olga.page.getByRole("button", { name: "Come in" });
  const gone = olga.page.getByRole("heading", { name: "There is no room here" });
  await expect(enter.or(gone)).toBeVisible();
  if (await enter.isVisible()) await enter.click();
  await expect(gone).toBeVisible();
  await looks(olga, "room-not-there");
});

test("a lost line is said, shown and read out, and the way back is found", async ({ house }) => {
  test.setTimeout(240_000);
  const [olga, ann] = await house.members("olga", "ann");
  const stage = await olga.hallway.start({ title: "Long way home" });
  await stage.setMicrophone("open");
  const room = await ann.hallway.enter("Long way home");
  await expectHears(ann, [olga.tone]);

  // No new line can be opened, and the one there was is cut.
  const { page } = ann;
  await ann.context.setOffline(true);
  await ask(ann, () => window.ears.cutSockets(), undefined);
  await expect(page.getByText("Finding the way back.")).toBeVisible();
  await looks(ann, "reconnecting");
  await expect(page.getByRole("main")).toMatchAriaSnapshot(`
    - paragraph: /Finding the way back\\. \\d+ seconds? so far\\. Your seat is kept for half a minute\\./
  `);
  await expect(stage.person("ann")).toHaveAccessibleName(/reconnecting/);
  await ann.context.setOffline(false);
  await expect(page.getByText("Finding the way back.")).toBeHidden();
  await room.expectShown(["olga", "ann"]);
  await expectHears(ann, [olga.tone]);
});

test("a server that restarts under a room says so when all are back, and one that stops says so before", async ({ house }) => {
  const [olga, ann] = await house.members("olga", "ann");
  const stage = await olga.hallway.start({ title: "Long way home" });
  await stage.setMicrophone("open");
  await ann.hallway.enter("Long way home");
  await expectHears(ann, [olga.tone]);
  await house.server.kill("live");
  const back = "Back again. The server restarted; everyone kept their place.";
  await expect(ann.page.getByRole("main")).toMatchAriaSnapshot(`
    - paragraph: ${back}
  `);
  await expect(ann.page.locator("[aria-live=assertive]"), "and it is read out").toHaveText(back);
  await looks(ann, "server-restarted");
  await expect(ann.page.getByRole("main").getByText(back), "while it was looked at").toBeVisible();
  await expect(ann.page.getByRole("main").getByText(back)).toBeHidden();
  await expectHears(ann, [olga.tone]);
  house.server.terminate();
  await expect(ann.page.getByText(/^The server restarts in \d+ seconds?\.$/)).toBeVisible();
  await expect(ann.page.getByRole("main")).toMatchAriaSnapshot(`
    - paragraph: /The server restarts in \\d+ seconds?\\. Stay. you will be brought back by yourself\\./
  `);
});

test("nobody answers: the page says so, keeps trying, and opens when somebody does", async ({ person }) => {
  const ann = await person("ann");
  let up = false;
  await ann.page.route("**/api/v1/**", (route) => (up ? route.continue() : route.abort()));
  await ann.page.goto("/");
  await expect(ann.page.getByRole("main")).toMatchAriaSnapshot(`
    - heading "The server does not answer" [level=1]
    - paragraph: Perhaps it restarts, perhaps your line is down. We keep trying.
  `);
  await expectGoodLooks(ann.page, "unreachable");
  up = true;
  await expect(ann.page.getByRole("heading", { name: "This server is waiting for its owner" })).toBeVisible();
});
