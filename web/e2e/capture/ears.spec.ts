// The same ears with the browser's real capture path in front of them.

import { CapturedPerson } from "../harness/capture.ts";
import { expectHears, expectSilence } from "../harness/hearing.ts";
import { introduce, join, MeetingPlace, setMicrophone } from "../harness/meeting.ts";
import { test } from "../harness/test.ts";

test("two browsers with capture devices of their own hear each other's tone", async () => {
  const place = await MeetingPlace.open();
  const ann = await CapturedPerson.start(place.origin, "ann", 770);
  const ben = await CapturedPerson.start(place.origin, "ben", 1210);
  try {
    for (const { person } of [ann, ben]) {
      await person.page.goto("/");
      await join(person);
    }
    await introduce(ann.person, ben.person);
    await expectHears(ann.person, [1210]);
    await expectHears(ben.person, [770]);
    await setMicrophone(ann.person, false);
    await expectSilence(ben.person);
  } finally {
    await Promise.all([ann.close(), ben.close()]);
    place.close();
  }
});
