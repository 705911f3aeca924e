// What calendar programs read of us (crates/live/src/calendar.rs), read by a library that some of them are made with.

import ICAL from "ical.js";
import { expect, test } from "vitest";
import written from "../../../crates/protocol/fixtures/calendar.ics?raw";

const entries = new ICAL.Component(ICAL.parse(written)).getAllSubcomponents("vevent");
const events = entries.map((entry) => new ICAL.Event(entry));

test("titles and descriptions come back as people wrote them", () => {
  expect(events.map(({ summary }) => summary)).toEqual([
    "Poems, tea; and a back\\slash",
    "Самое длинное название вечера, какое только можно придумать",
    "🎙️ وقت الشاي",
    "🎙️ وقت الشاي",
    "🎙️ وقت الشاي",
  ]);
  expect(events[0]?.description).toBe("Bring: cups.\nAnd a poem, if you like.");
});

test("times are moments, an end follows each start, and what repeats keeps its distance", () => {
  expect(events.map(({ startDate }) => startDate.toJSDate().toISOString())).toEqual([
    "2026-11-30T19:00:00.000Z",
    "2026-11-30T19:00:00.000Z",
    "2026-11-30T19:00:00.000Z",
    "2026-12-07T19:00:00.000Z",
    "2026-12-14T19:00:00.000Z",
  ]);
  for (const { startDate, endDate } of events) expect(endDate.toJSDate().getTime() - startDate.toJSDate().getTime()).toBe(90 * 60_000);
});

test("each has a name of its own, and what was called off is cancelled under the name it had", () => {
  expect(new Set(events.map(({ uid }) => uid)).size).toBe(5);
  expect(entries.map((entry) => entry.getFirstPropertyValue("status"))).toEqual(["CONFIRMED", "CANCELLED", "CONFIRMED", "CONFIRMED", "CONFIRMED"]);
  expect(events.map(({ sequence }) => sequence)).toEqual([0, 2, 1, 1, 1]);
});
