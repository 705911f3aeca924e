import { expect, test } from "vitest";
import { handleFrom, isHandle } from "./handle";

test("a handle is proposed from the name", () => {
  expect(handleFrom("Ann")).toBe("ann");
  expect(handleFrom("  Ann  Lee ")).toBe("ann.lee");
  expect(handleFrom("Ильдар")).toBe("ильдар");
  expect(handleFrom("🎻 Lea!")).toBe("lea");
  expect(handleFrom("Maximiliane von Hohenfels")).toHaveLength(20);
  expect(handleFrom("🎻")).toBe("");
  expect(handleFrom("Ann ❤\uFE0F"), "nothing that nobody sees").toBe("ann");
});

test("what cannot be a handle is told from one before anybody is asked about it", () => {
  for (const handle of ["ann", "анна", "ann.b-2", "たなか", "a".repeat(20)]) expect(isHandle(handle), handle).toBe(true);
  for (const other of ["", "a", "no such person!", ".ann", "a".repeat(21)]) expect(isHandle(other), other).toBe(false);
});
