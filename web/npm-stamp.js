// Leaves word of what an `npm install` or `npm ci` by hand has put here, as npm.rs does for its own.
import { copyFileSync, rmSync } from "node:fs";

const stamps = { all: "node_modules/.installed-all.json", product: "node_modules/.installed-product.json" };
const product = (process.env["npm_config_omit"] ?? "").split(/\s+/).includes("dev");

for (const stamp of Object.values(stamps)) rmSync(stamp, { force: true });
copyFileSync("package-lock.json", product ? stamps.product : stamps.all);
