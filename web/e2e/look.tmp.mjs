// node look.tmp.mjs OUT scene[:w x h][:dark][:rtl] ...
import { chromium } from "@playwright/test";
const [out, ...specs] = process.argv.slice(2);
const b = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-first-run"] });
for (const spec of specs) {
  const [scene, size = "390x844", ...flags] = spec.split(":");
  const [width, height] = size.split("x").map(Number);
  const p = await b.newPage({ viewport: { width, height }, colorScheme: flags.includes("dark") ? "dark" : "light", reducedMotion: "reduce", forcedColors: flags.includes("forced") ? "active" : "none" });
  p.on("pageerror", (e) => console.log("ERR", String(e).slice(0, 300)));
  await p.goto(`http://localhost:5391/src/ui/gallery/index.html?scene=${scene}&still${flags.includes("rtl") ? "&rtl" : ""}${flags.includes("dark") ? "&dark" : "&light"}`);
  await p.waitForTimeout(1500);
  const presses = await p.evaluate(() => window.scene?.press ?? []);
  for (const press of presses) {
    if (press.startsWith("#")) await p.keyboard.press(press.slice(1));
    else if (press.startsWith("=")) { const [l, v] = press.slice(1).split(":"); await p.getByLabel(l).first().fill(v); }
    else await p.getByRole("button", { name: press }).or(p.getByText(press, {exact: true})).first().click();
    await p.waitForTimeout(400);
  }
  const full = flags.includes("full");
  await p.screenshot({ path: `${out}/${spec.replaceAll(":", "-")}.png`, fullPage: full });
  const o = await p.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  if (o) console.log(spec, "overflows", o);
  await p.close();
}
await b.close();
