import { render } from "svelte/server";
import { expect, test } from "vitest";
import { ICONS } from "../parts/icons";
import SandboxNote from "./SandboxNote.svelte";

const drawn = (sandbox: "full" | "without_landlock" | "off"): string => render(SandboxNote, { props: { sandbox } }).body;

test("how far the server is locked in is said, and loudly where it is not", () => {
  expect(drawn("full")).toContain("Locked in: its network process cannot write a file");
  expect(drawn("without_landlock")).toContain("Locked in by one lock; the system lacks the second");
  expect(drawn("off")).toContain("Not locked in: started without its sandbox");
  expect([drawn("full"), drawn("without_landlock"), drawn("off")].map((html) => html.includes(ICONS.warn))).toEqual([false, true, true]);
  expect([drawn("full"), drawn("without_landlock"), drawn("off")].map((html) => html.includes("loud"))).toEqual([false, false, true]);
});
