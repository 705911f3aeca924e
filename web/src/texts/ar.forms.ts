// What all of Arabic shares.

import { forms, type Forms } from "./format";

type Needs = "zero" | "one" | "two" | "few" | "many";

/** Months have other names in Damascus than in Cairo, and digits another shape: as the browser's own Arabic writes them. */
export function locale(wanted: readonly string[]): string {
  const own = wanted.find((tag) => tag === "ar" || tag.startsWith("ar-"));
  // Dates of events are those of the calendar that everybody on a server shares.
  return `${own?.split("-u-")[0] ?? "ar"}-u-ca-gregory`;
}

export const LOCALE = locale(typeof navigator === "undefined" ? [] : navigator.languages);

export const arabic = (): Forms<Needs> => forms<Needs>(LOCALE);

const percents = new Intl.NumberFormat(LOCALE, { style: "percent" });
export const percent = (n: number): string => percents.format(n / 100);

export const clock = new Intl.DateTimeFormat(LOCALE, { timeStyle: "short" });
