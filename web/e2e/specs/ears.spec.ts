// The ears themselves, in a meeting without our server: before they are believed about the product they are seen to
// hear, to miss what is not there, and to refuse an answer when they cannot know.

import { ask, connections, expectHears, expectNoConnection, expectSilence, mark, soundLog } from "../harness/hearing.ts";
import { introduce, join, leave, MeetingPlace, setLoudspeaker, setMicrophone } from "../harness/meeting.ts";
import { hush, lie, type Person, speak } from "../harness/person.ts";
import { expect, test } from "../harness/test.ts";
import { TONES } from "../harness/tones.ts";

const meeting = test.extend<{ place: MeetingPlace; guest: (name: string) => Promise<Person> }>({
  place: async ({}, use) => {
    const place = await MeetingPlace.open();
    await use(place);
    place.close();
  },
  origin: async ({ place }, use) => use(place.origin),
  guest: async ({ person }, use) => {
    await use(async (name) => {
      const guest = await person(name);
      await guest.page.goto("/");
      await join(guest);
      return guest;
    });
  },
});

meeting("six people in one meeting hear everybody else and never themselves", async ({ guest }) => {
  const people: Person[] = [];
  for (const name of ["ann", "ben", "cleo", "dan", "eve", "finn"]) {
    const arriving = await guest(name);
    for (const present of people) await introduce(arriving, present);
    people.push(arriving);
  }
  for (const person of people) {
    await expectHears(person, TONES.filter((tone) => tone !== person.tone));
  }
});

meeting("a closed microphone is not heard, and an open one is heard again", async ({ guest }) => {
  const [ann, ben] = [await guest("ann"), await guest("ben")];
  await introduce(ann, ben);
  await expectHears(ben, [ann.tone]);
  await setMicrophone(ann, false);
  await expectSilence(ben);
  await expectHears(ann, [ben.tone]);
  await setMicrophone(ann, true);
  await expectHears(ben, [ann.tone]);
  await hush(ann);
  await expectSilence(ben);
  await speak(ann);
  await expectHears(ben, [ann.tone]);
});

meeting("a page that lies is heard though its microphone is closed", async ({ guest }) => {
  const [ann, ben] = [await guest("ann"), await guest("ben")];
  await introduce(ann, ben);
  await setMicrophone(ann, false);
  await expectSilence(ben);
  expect(await lie(ann)).toBe(1);
  await expectHears(ben, [ann.tone]);
});

meeting("what is expected wrongly is told: a missing tone, one too many, sound in silence", async ({ guest }) => {
  const [ann, ben] = [await guest("ann"), await guest("ben")];
  await introduce(ann, ben);
  await expectHears(ben, [ann.tone]);
  await expect(expectHears(ben, [ann.tone, ben.tone], 1_000)).rejects.toThrow(/ben hears 440, 560/);
  await expect(expectHears(ben, [ben.tone], 1_000)).rejects.toThrow(/ben hears 560/);
  await expect(expectSilence(ben, 300, 500)).rejects.toThrow(/ben hears nothing/);
  await expect(expectNoConnection(ben, 300)).rejects.toThrow(/ben has no connection/);
  await setMicrophone(ann, false);
  await expectSilence(ben);
  await expect(expectHears(ben, [ann.tone], 1_000)).rejects.toThrow(/ben hears 440/);
});

meeting("a voice that is received and not played is not heard, and not silence either", async ({ guest }) => {
  const [ann, ben] = [await guest("ann"), await guest("ben")];
  await introduce(ann, ben);
  await expectHears(ben, [ann.tone]);
  await mark(ben);
  await expectHears(ben, [ann.tone]);
  await setLoudspeaker(ben, false);
  await expect(expectHears(ben, [ann.tone], 1_000)).rejects.toThrow(/440 not played/);
  await expect(expectSilence(ben, 300, 500)).rejects.toThrow(/ben hears nothing/);
  await setLoudspeaker(ben, true);
  await expectHears(ben, [ann.tone]);
  expect((await soundLog(ben)).gapMs, "and all the while it is a gap").toBeGreaterThan(1_000);
});

meeting("ears that cannot hear refuse to say that it is silent", async ({ guest }) => {
  const ann = await guest("ann");
  await expect(expectSilence(ann)).rejects.toThrow(/receives no track/);
});

meeting("who has left has no connection, and the other hears nothing from then on", async ({ guest }) => {
  const [ann, ben] = [await guest("ann"), await guest("ben")];
  await introduce(ann, ben);
  await expectHears(ben, [ann.tone]);
  const ports = await connections(ben);
  const over = { protocol: "udp", to: expect.any(Number) };
  expect(ports).toEqual([{ state: "connected", port: expect.any(Number), over }]);
  const left = Date.now();
  await leave(ann);
  await expectNoConnection(ann);
  await expectSilence(ann);
  await expectSilence(ben);
  const { last } = await soundLog(ben);
  // The other side invents sound for a moment when packets stop, and fades.
  expect((last ?? 0) - left).toBeLessThan(600);
});

meeting("gaps and first sounds are measured", async ({ guest }) => {
  const [ann, ben] = [await guest("ann"), await guest("ben")];
  await introduce(ann, ben);
  await expectHears(ben, [ann.tone]);
  await mark(ben);
  await expectHears(ben, [ann.tone]);
  const steady = await soundLog(ben);
  expect(steady.first).not.toBeNull();
  expect(steady.gapMs).toBeLessThan(150);
  await mark(ben);
  await expectHears(ben, [ann.tone]);
  await setMicrophone(ann, false);
  await expectSilence(ben, 500);
  await setMicrophone(ann, true);
  await expectHears(ben, [ann.tone]);
  expect((await soundLog(ben)).gapMs).toBeGreaterThan(400);
});

meeting("a page that stands still for a moment takes that for no gap in what it was played", async ({ guest }) => {
  const [ann, ben] = [await guest("ann"), await guest("ben")];
  await introduce(ann, ben);
  await expectHears(ben, [ann.tone]);
  await mark(ben);
  await expectHears(ben, [ann.tone]);
  const standsStill = (ms: number): void => {
    for (const until = performance.now() + ms; performance.now() < until; );
  };
  for (const ms of [400, 1_500]) await ask(ben, standsStill, ms);
  await expectHears(ben, [ann.tone]);
  expect((await soundLog(ben)).gapMs).toBeLessThan(150);
});
