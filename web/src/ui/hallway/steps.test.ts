import { expect, test } from "vitest";
import { firstSteps } from "./steps";

test("a server on its first day has everything before it", () => {
  const steps = firstSteps({ me: { passkeys: 0, recovery_codes: 0 }, publicUrl: "http://localhost:8080", invites: 0 });
  expect([...steps]).toEqual([["address", "open"], ["way_back", "open"], ["people", "open"]]);
});

test("each step is done by doing it", () => {
  const me = { passkeys: 0, recovery_codes: 0 };
  const of = (told: Partial<Parameters<typeof firstSteps>[0]>) => firstSteps({ me, publicUrl: null, invites: 0, ...told });
  expect(of({ publicUrl: "https://radio.example.org" }).get("address")).toBe("done");
  expect(of({ me: { passkeys: 1, recovery_codes: 0 } }).get("way_back")).toBe("done");
  expect(of({ me: { passkeys: 0, recovery_codes: 8 } }).get("way_back")).toBe("done");
  expect(of({ invites: 1 }).get("people")).toBe("done");
});
