import { expect, test } from "vitest";
import { daysBetween, differs, moment, wall } from "./times";

const at = (text: string): number => Date.parse(text);

test("a time in a zone is the same moment everywhere, in summer and in winter", () => {
  for (const [zone, text, utc] of [
    ["Europe/Berlin", "2026-01-15T19:00", "2026-01-15T18:00Z"],
    ["Europe/Berlin", "2026-07-15T19:00", "2026-07-15T17:00Z"],
    ["America/Los_Angeles", "2026-03-08T12:00", "2026-03-08T19:00Z"],
    ["America/Los_Angeles", "2026-11-01T12:00", "2026-11-01T20:00Z"],
    ["Asia/Kathmandu", "2026-03-08T00:15", "2026-03-07T18:30Z"],
    ["Pacific/Kiritimati", "2026-12-31T23:59", "2026-12-31T09:59Z"],
  ] as const) {
    expect(moment(text, zone), zone).toBe(at(utc));
    expect(wall(at(utc), zone), zone).toBe(text);
  }
  expect(moment("", "Europe/Berlin")).toBe(null);
  expect(moment("soon", "Europe/Berlin")).toBe(null);
});

test("a time that the clocks skip is one that there is", () => {
  const skipped = moment("2026-03-29T02:30", "Europe/Berlin") ?? 0;
  expect(["2026-03-29T01:30", "2026-03-29T03:30"]).toContain(wall(skipped, "Europe/Berlin"));
});

test("two zones differ by what their clocks show", () => {
  expect(differs(at("2026-01-15T18:00Z"), "Europe/Berlin", "Europe/Paris")).toBe(false);
  expect(differs(at("2026-01-15T18:00Z"), "Europe/Berlin", "Europe/London")).toBe(true);
});

test("tomorrow begins at midnight", () => {
  const noon = new Date(2026, 10, 30, 12).getTime();
  expect(daysBetween(noon, new Date(2026, 10, 30, 23, 59).getTime())).toBe(0);
  expect(daysBetween(noon, new Date(2026, 11, 1, 0, 1).getTime())).toBe(1);
  expect(daysBetween(noon, new Date(2026, 10, 29, 23).getTime())).toBe(-1);
});
