import { expect, test } from "vitest";
import { type Rows, step } from "./walk";

const TILES: Rows = { many: 10, columns: 4, dir: "ltr" };

test("arrows go to the neighbour and to the one above or below", () => {
  expect(["ArrowRight", "ArrowLeft", "ArrowDown", "ArrowUp"].map((key) => step(key, 5, TILES))).toEqual([6, 4, 9, 1]);
});

test("at the ends they stay, and at the end of a row they go on in the next", () => {
  expect([step("ArrowLeft", 0, TILES), step("ArrowUp", 2, TILES), step("ArrowDown", 7, TILES), step("ArrowRight", 9, TILES)]).toEqual([null, null, null, null]);
  expect([step("ArrowRight", 3, TILES), step("ArrowLeft", 4, TILES)]).toEqual([4, 3]);
});

test("where one reads from the right, the neighbour on the left is the next", () => {
  expect([step("ArrowLeft", 5, { ...TILES, dir: "rtl" }), step("ArrowRight", 5, { ...TILES, dir: "rtl" })]).toEqual([6, 4]);
});

test("in a list, up and down go by one", () => {
  expect([step("ArrowDown", 5, { ...TILES, columns: 1 }), step("ArrowUp", 5, { ...TILES, columns: 1 })]).toEqual([6, 4]);
});

test("Home and End lead to the first and the last, any other key nowhere", () => {
  expect([step("Home", 5, TILES), step("End", 5, TILES), step("Home", 0, TILES), step("m", 5, TILES), step("Enter", 5, TILES)]).toEqual([0, 9, null, null, null]);
});
