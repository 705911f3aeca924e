// When an event is, in words and in the fields of a form. Pure.

import { e } from "../../texts/events";

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;

/** The zone of whoever looks. */
export const here = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone;

/** How many midnights lie between two moments, where somebody looks. */
export function daysBetween(now: number, then: number): number {
  const midnight = (ms: number): number => new Date(ms).setHours(0, 0, 0, 0);
  return Math.round((midnight(then) - midnight(now)) / DAY_MS);
}

/** "Today, 7:00 PM" */
export function whenText(start: number, now: number): string {
  const days = daysBetween(now, start);
  return days === 0 ? e.today(start) : days === 1 ? e.tomorrow(start) : e.when(start);
}

/** "Today", or a short day, over the time on a tile. */
export function dayText(start: number, now: number): string {
  const days = daysBetween(now, start);
  return days === 0 ? e.dayToday : days === 1 ? e.dayTomorrow : e.day(start);
}

/** Whether clocks in two zones show different times at a moment. */
export function differs(ms: number, one: string, other: string): boolean {
  return wall(ms, one) !== wall(ms, other);
}

/** What the clocks of a zone show, as a field of date and time takes it: `2026-11-30T19:00`. */
export function wall(ms: number, zone: string): string {
  const parts = new Intl.DateTimeFormat("en-CA", { timeZone: zone, hourCycle: "h23", year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit" }).formatToParts(ms);
  const part = (type: string): string => parts.find((part) => part.type === type)?.value ?? "";
  return `${part("year").padStart(4, "0")}-${part("month")}-${part("day")}T${part("hour")}:${part("minute")}`;
}

/** The moment at which the clocks of a zone show this; null for what is no time. One that they skip is the one just after. */
export function moment(text: string, zone: string): number | null {
  const wanted = Date.parse(`${text}Z`);
  if (Number.isNaN(wanted)) return null;
  let ms = wanted;
  // Once by the offset at a moment nearby, and once more where it changes in between.
  for (let tries = 0; tries < 2; tries += 1) ms += wanted - Date.parse(`${wall(ms, zone)}Z`);
  return ms;
}

/** The next full hour, in an hour at least. */
export const soonest = (now: number): number => Math.ceil((now + 60 * MINUTE_MS) / (60 * MINUTE_MS)) * 60 * MINUTE_MS;

export const endOf = ({ start, minutes }: { readonly start: number; readonly minutes: number }): number => start + minutes * MINUTE_MS;
