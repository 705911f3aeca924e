// What all of Russian shares.

import { forms, type Forms } from "./format";

type Needs = "one" | "few" | "many";

/** Without «г.», which would end a sentence twice. */
const plain = (date: string): string => date.replace(/\s*г\.(?=\s|$)/, "");

export function russian(): Forms<Needs> {
  const f = forms<Needs>("ru");
  return { ...f, day: (day) => plain(f.day(day)), moment: (ms) => plain(f.moment(ms)) };
}

const percents = new Intl.NumberFormat("ru", { style: "percent" });
export const percent = (n: number): string => percents.format(n / 100);

export const clock = new Intl.DateTimeFormat("ru", { timeStyle: "short" });

const dates = new Intl.DateTimeFormat("ru", { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" });
/** «ноября 2026»: as it stands after «с». */
export function ofMonth(day: number): string {
  return dates.formatToParts(day * 86_400_000).filter(({ type }) => type === "month" || type === "year").map(({ value }) => value).join(" ");
}
