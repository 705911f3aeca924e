import { expect, test } from "vitest";
import { people } from "../texts/en.people";
import { offered } from "./languages";

test("every language on offer has a name, and those that are chosen are not offered again", () => {
  const all = offered(people.language, [], "en");
  expect(all.filter(({ code, name }) => name === code)).toEqual([]);
  expect(new Set(all.map(({ name }) => name)).size).toBe(all.length);
  const rest = offered(people.language, ["ar", "en"], "en");
  expect(rest.length).toBe(all.length - 2);
  expect(rest.find(({ code }) => code === "ar")).toBeUndefined();
});

test("they stand in the order of their names", () => {
  const names = offered(people.language, [], "en").map(({ name }) => name);
  expect(names.indexOf("Arabic")).toBeLessThan(names.indexOf("Russian"));
});
