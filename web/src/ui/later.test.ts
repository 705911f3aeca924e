import { expect, test } from "vitest";
import { fitting, speak, t } from "../texts";
import { d } from "../texts/doors";
import { strange } from "../texts/pseudo";
import { s } from "../texts/settings";
import { w } from "../texts/sheets";
// Read before the clock runs: on a busy machine that takes its time.
import "./door";
import { doors, settings, sheets } from "./later";
import "./settings/SettingsScreen.svelte";
import "./sheets";

test("whoever speaks another language is spoken to in it at the doors, in settings and on sheets, as everywhere else", async () => {
  const page = { lang: "", dir: "" };
  await speak(strange(await fitting([])), page);
  await Promise.all([doors(), settings(), sheets()]);
  expect([page, t.common.close, d.signIn.codeGo, s.title, w.start.go]).toEqual([
    { lang: "ar-XB", dir: "rtl" }, "[Clösê~~]", "[Sïgñ ïñ~~~]", "[Sêttïñgs~~~]", "[Opêñ thê döör~~~~]",
  ]);
  await speak(await fitting([]), page);
  await settings();
  expect([page.dir, t.common.close, d.signIn.codeGo, s.title]).toEqual(["ltr", "Close", "Sign in", "Settings"]);
});
