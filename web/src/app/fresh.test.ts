import { expect, test } from "vitest";
import { FRESH_MS, fresh, type Sight } from "./fresh";

/** A page whose time, sight and focus are ours. */
class Page implements Sight {
  at = 0;
  visible = true;
  #back = new Set<() => void>();
  #timers = new Map<() => void, { every: number; next: number }>();
  seen = (): boolean => this.visible;
  now = (): number => this.at;
  onReturn = (back: () => void): (() => void) => {
    this.#back.add(back);
    return () => void this.#back.delete(back);
  };
  every = (ms: number, call: () => void): (() => void) => {
    this.#timers.set(call, { every: ms, next: this.at + ms });
    return () => void this.#timers.delete(call);
  };
  /** As browsers do: its sight says so, then its focus. */
  returns(): void {
    this.visible = true;
    for (const back of this.#back) back();
    for (const back of this.#back) back();
  }
  hides(): void {
    this.visible = false;
    for (const back of this.#back) back();
  }
  pass(ms: number): void {
    for (const end = this.at + ms; this.at < end; this.at += 1_000) {
      for (const [call, timer] of this.#timers) {
        if (this.at < timer.next) continue;
        timer.next += timer.every;
        call();
      }
    }
  }
  get rest(): number {
    return this.#back.size + this.#timers.size;
  }
}

test("who keeps looking sees it anew every half minute, and who does not look asks nothing", () => {
  const page = new Page();
  let asked = 0;
  fresh(() => (asked += 1), page);
  expect(asked, "the screen asks by itself when it opens").toBe(0);
  page.pass(3 * FRESH_MS + 1_000);
  expect(asked).toBe(3);
  page.hides();
  page.pass(10 * FRESH_MS);
  expect(asked, "nobody looks").toBe(3);
});

test("who comes back sees it anew at once, and asks once", () => {
  const page = new Page();
  let asked = 0;
  fresh(() => (asked += 1), page);
  page.hides();
  page.pass(5_000);
  expect(asked).toBe(0);
  page.returns();
  expect(asked).toBe(1);
  page.pass(5_000);
  page.returns();
  expect(asked, "and again whenever they come back").toBe(2);
});

test("who goes to another screen leaves nothing behind", () => {
  const page = new Page();
  const stop = fresh(() => expect.unreachable(), page);
  stop();
  expect(page.rest).toBe(0);
  page.pass(FRESH_MS * 2);
  page.returns();
});
