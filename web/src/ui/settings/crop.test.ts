import { expect, test } from "vitest";
import { keyed, middle, moved, zoomed, ZOOM_MAX, zoomOf } from "./crop";

const LONG = { width: 900, height: 300 };

test("at first the middle is shown, with all of the shorter side", () => {
  expect(middle(LONG)).toEqual({ x: 300, y: 0, side: 300 });
  expect(middle({ width: 300, height: 900 })).toEqual({ x: 0, y: 300, side: 300 });
});

test("closer is around the middle of what is shown, and there is an end both ways", () => {
  const close = zoomed(middle(LONG), LONG, 2);
  expect(close).toEqual({ x: 375, y: 75, side: 150 });
  expect(zoomOf(close, LONG)).toBe(2);
  expect(zoomOf(zoomed(close, LONG, 100), LONG)).toBe(ZOOM_MAX);
  expect(zoomed(close, LONG, 0.1)).toEqual(middle(LONG));
});

test("nothing beyond the picture is ever shown", () => {
  const far = moved(zoomed(middle(LONG), LONG, 2), LONG, 100, -100);
  expect(far).toEqual({ x: 750, y: 0, side: 150 });
  expect(zoomed(far, LONG, 1)).toEqual({ x: 600, y: 0, side: 300 });
  expect(moved(middle(LONG), LONG, -100, 5)).toEqual({ x: 0, y: 0, side: 300 });
});

test("arrows move it, plus and minus bring it closer and away, and no other key does anything", () => {
  const close = zoomed(middle(LONG), LONG, 2);
  const after = (key: string) => keyed(close, LONG, key);
  expect(after("ArrowLeft")?.x).toBe(close.x - 15);
  expect(after("ArrowRight")?.x).toBe(close.x + 15);
  expect(after("ArrowUp")?.y).toBe(close.y - 15);
  expect(after("ArrowDown")?.y).toBe(close.y + 15);
  expect(after("+")?.side).toBeLessThan(close.side);
  expect(after("=")).toEqual(after("+"));
  expect(after("-")?.side).toBeGreaterThan(close.side);
  expect(after("Tab")).toBeNull();
});
