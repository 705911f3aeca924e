// What some stories need that not every machine gives.

/**
 * Says that a story proves nothing here, on a line of its own: `cargo xtask test` counts and names it by this line, and fails
 * where `CI` is set.
 */
export function notRun(name: string, reason: string): void {
  console.log(`\nnot run: ${name}: ${reason}`);
}

export function isRoot(): boolean {
  return process.geteuid?.() === 0;
}
