// Who hears whom, to the tone.

import { bringOnStage, expect, test } from "../harness/house.ts";
import { ask, expectHears, expectSilence } from "../harness/hearing.ts";
import { acceptInvitation, claimServer } from "../harness/pages/door.ts";
import { Hallway } from "../harness/pages/hallway.ts";
import { Room } from "../harness/pages/room.ts";
import { makeInvitation } from "../harness/pages/settings.ts";
import { hush, type Person, speak } from "../harness/person.ts";

test.describe.configure({ timeout: 240_000 });

test("six people, one by the owner's link and five by invitation: each hears those on stage and nobody else", async ({
  server,
  calm,
}) => {
  const owner = await calm("olga");
  await claimServer(owner.page, await server.ownerLink(), "olga");
  const guests: Person[] = [];
  for (const name of ["ann", "ben", "cleo", "dan", "eve"]) {
    const guest = await calm(name);
    await acceptInvitation(guest.page, await makeInvitation(owner.page, name), name);
    guests.push(guest);
  }
  const [ann, ben, cleo, dan, eve] = guests as [Person, Person, Person, Person, Person];

  const hall = new Hallway(owner.page);
  await hall.open();
  const stage = await hall.start({ title: "Six of us" });
  const rooms = new Map<Person, Room>();
  for (const guest of guests) rooms.set(guest, await new Hallway(guest.page).enter("Six of us"));
  const room = (guest: Person): Room => rooms.get(guest) as Room;
  await stage.expectShown(["olga", "ann", "ben", "cleo", "dan", "eve"]);
  await room(eve).expectShown(["olga", "ann", "ben", "cleo", "dan", "eve"]);

  await stage.setMicrophone("open");
  for (const guest of guests) await expectHears(guest, [owner.tone]);
  await expectSilence(owner);

  await bringOnStage(stage, "ann", room(ann));
  await bringOnStage(stage, "ben", room(ben));
  await expectHears(owner, [ann.tone, ben.tone]);
  await expectHears(ann, [owner.tone, ben.tone]);
  await expectHears(ben, [owner.tone, ann.tone]);
  for (const listener of [cleo, dan, eve]) await expectHears(listener, [owner.tone, ann.tone, ben.tone]);

  await room(ann).setMicrophone("muted");
  await expectHears(owner, [ben.tone]);
  for (const listener of [cleo, dan, eve]) await expectHears(listener, [owner.tone, ben.tone]);
  await expectHears(ann, [owner.tone, ben.tone]);
  expect((await room(cleo).shown()).find(({ name }) => name === "ann")?.states).toContain("muted");
});

test("two rooms at once never leak into each other, and people go from one to the other", async ({ house }) => {
  const [olga, ann, ben, cleo] = await house.members("olga", "ann", "ben", "cleo");
  const one = await olga.hallway.start({ title: "Left" });
  const two = await ann.hallway.start({ title: "Right" });
  await one.setMicrophone("open");
  await two.setMicrophone("open");
  const inLeft = await ben.hallway.enter("Left");
  await cleo.hallway.enter("Right");
  await expectHears(ben, [olga.tone]);
  await expectHears(cleo, [ann.tone]);
  // Both talkers would hear the other if anything crossed.
  await expectSilence(olga);
  await expectSilence(ann);
  await one.expectShown(["olga", "ben"]);
  await two.expectShown(["ann", "cleo"]);

  // A door that does not open costs nobody their seat.
  await two.setDoor("locked");
  await inLeft.toHallway();
  await ben.hallway.card("Right").getByRole("link", { name: "Right", exact: true }).click();
  await expect(ben.page.getByText("The door is locked for now.").first()).toBeVisible();
  await expectHears(ben, [olga.tone]);
  await one.expectShown(["olga", "ben"]);
  await two.setDoor("unlocked");
  await ben.page.getByRole("button", { name: "Come in" }).click();
  await new Room(ben.page, "Right").expectInside();
  await expectHears(ben, [ann.tone]);
  await one.expectShown(["olga"]);
  await two.expectShown(["ann", "cleo", "ben"]);

  // Whoever alone keeps order is asked who does so afterwards, wherever they go.
  await two.toHallway();
  await ann.hallway.card("Left").getByRole("link", { name: "Left", exact: true }).click();
  await two.handTo("ben");
  await one.expectShown(["olga", "ann"]);
  const handed = new Room(ben.page, "Right");
  await handed.expectSaid("This room is yours now.");
  await handed.expectShown(["ben", "cleo"]);
});

test("a closed room is found by those who are asked, and for others it does not exist", async ({ house }) => {
  const [olga, ann, ben] = await house.members("olga", "ann", "ben");
  const room = await olga.hallway.start({ title: "Behind the door", who: "Only people I pick", ask: ["ann"] });
  await room.setMicrophone("open");
  await expect(ann.hallway.card("Behind the door").getByText("olga asked you")).toBeVisible();
  await ann.hallway.enter("Behind the door");
  await expectHears(ann, [olga.tone]);

  await expect(ben.page.getByText("Quiet in here.", { exact: false })).toBeVisible();
  await expect(ben.page.getByRole("article")).toHaveCount(0);
  await ben.hallway.knock(room.path);
  await expect(ben.page.getByRole("heading", { name: "There is no room here" })).toBeVisible();
  const closed = await ben.page.getByRole("main").ariaSnapshot();
  await ben.hallway.knock("/r/AAAAAAAAAAAAAAAAAAAAAA");
  await expect(ben.page.getByRole("heading", { name: "There is no room here" })).toBeVisible();
  expect(await ben.page.getByRole("main").ariaSnapshot()).toBe(closed);
  await room.expectShown(["olga", "ann"]);
});

test("of four who talk at once the three who began are heard, and the fourth when one of them falls silent", async ({ house }) => {
  const [olga, ann, ben, cleo, dan] = await house.members("olga", "ann", "ben", "cleo", "dan");
  const stage = await olga.hallway.start({ title: "All at once" });
  await stage.setMicrophone("open");
  for (const person of [ann, ben]) await bringOnStage(stage, person.name, await person.hallway.enter("All at once"));
  await dan.hallway.enter("All at once");
  await expectHears(dan, [olga.tone, ann.tone, ben.tone]);
  await bringOnStage(stage, "cleo", await cleo.hallway.enter("All at once"));
  await expectHears(cleo, [olga.tone, ann.tone, ben.tone]);
  await expectHears(dan, [olga.tone, ann.tone, ben.tone]);
  await hush(ann);
  await expectHears(dan, [olga.tone, ben.tone, cleo.tone]);
  await expectHears(ann, [olga.tone, ben.tone, cleo.tone]);
});

test("who says nothing with an open microphone sends next to nothing", async ({ house }) => {
  const [olga, ann] = await house.members("olga", "ann");
  const stage = await olga.hallway.start({ title: "Thinking" });
  await stage.setMicrophone("open");
  await ann.hallway.enter("Thinking");
  await expectHears(ann, [olga.tone]);
  const speaking = await packetsASecond(olga);
  await hush(olga);
  await expectSilence(ann);
  const thinking = await packetsASecond(olga);
  // 20 ms each; in silence Opus says so every 400 ms (DTX).
  expect(speaking).toBeGreaterThan(40);
  expect(thinking).toBeLessThan(8);
  await speak(olga);
  await expectHears(ann, [olga.tone]);
});

/** Of voice that somebody's browser sends, over three seconds. */
async function packetsASecond(person: Person): Promise<number> {
  const count = async (): Promise<number> => {
    const sent = async (): Promise<{ packets: number; at: number }> => {
      const reports = await Promise.all(window.ears.senders().map((sender) => sender.getStats()));
      let packets = 0;
      for (const report of reports) {
        report.forEach((entry: Partial<RTCSentRtpStreamStats>) => {
          if (entry.type === "outbound-rtp") packets += entry.packetsSent ?? 0;
        });
      }
      return { packets, at: performance.now() };
    };
    const before = await sent();
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    const after = await sent();
    return ((after.packets - before.packets) * 1_000) / (after.at - before.at);
  };
  return ask(person, count, undefined);
}
