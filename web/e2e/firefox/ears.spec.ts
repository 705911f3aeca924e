// The same ears in Firefox, in one meeting with Chromium.

import { test as base } from "../harness/fox.ts";
import { expectHears, expectSilence } from "../harness/hearing.ts";
import { introduce, join, MeetingPlace, setMicrophone } from "../harness/meeting.ts";

const test = base.extend<{ place: MeetingPlace }>({
  place: async ({}, use) => {
    const place = await MeetingPlace.open();
    await use(place);
    place.close();
  },
  origin: async ({ place }, use) => use(place.origin),
});

test("Firefox and Chromium hear each other's tone, and silence when there is some", async ({ place, fox, person }) => {
  const ann = await person("ann", 440);
  await ann.page.goto("/");
  await fox.page.goto(place.origin);
  await join(ann);
  await join(fox);
  await introduce(ann, fox);
  await expectHears(fox, [440]);
  await expectHears(ann, [1500]);
  await setMicrophone(ann, false);
  await expectSilence(fox);
  await setMicrophone(fox, false);
  await expectSilence(ann);
});
