import { expect, test } from "vitest";
import { handleFrom } from "./handle";

test("a handle is proposed from the name", () => {
  expect(handleFrom("Ann")).toBe("ann");
  expect(handleFrom("  Ann  Lee ")).toBe("ann.lee");
  expect(handleFrom("Ильдар")).toBe("ильдар");
  expect(handleFrom("🎻 Lea!")).toBe("lea");
  expect(handleFrom("Maximiliane von Hohenfels")).toHaveLength(20);
  expect(handleFrom("🎻")).toBe("");
  expect(handleFrom("Ann ❤\uFE0F"), "nothing that nobody sees").toBe("ann");
});
