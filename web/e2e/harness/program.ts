// The program under test, and what it is started with.

import { dirname, resolve } from "node:path";

export const BINARY = process.env["VIVAVOCE_SERVER_BINARY"] ?? resolve(import.meta.dirname, "../../../target/debug/vivavoce");

/** A program that is built with it, for these tests alone (tests/src/bin). */
export function beside(name: string): string {
  return resolve(dirname(BINARY), name);
}

/** Without the variables of these tests: to the program every unknown setting is an error. */
export function environment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("VIVAVOCE_")));
}
