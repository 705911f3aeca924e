// What every page of every test is held to: no request leaves its origin, nothing is thrown and not caught, and the
// content security policy is not violated; a connection is offered once, with the description that the browser made. Broken
// ones are told as they happen, so that no page takes them along when it is left.

import { expect } from "@playwright/test";
import { ask, type Listener } from "./hearing.ts";

export class Promises {
  readonly broken: string[] = [];
  readonly #ours: RegExp;

  /** `origin` is the only place that the page may ever ask anything. */
  constructor(origin: string) {
    const host = origin.replace(/^https?:\/\//, "").replaceAll(".", "\\.");
    this.#ours = new RegExp(`^(?:(?:${origin.startsWith("https") ? "https|wss" : "http|ws"})://${host}/|blob:|data:|about:)`);
  }

  asked(url: string): void {
    if (!this.#ours.test(url)) this.broken.push(`asked ${url}`);
  }

  threw(error: unknown): void {
    // What was thrown outside a function has an empty stack.
    this.broken.push(`threw ${error instanceof Error ? error.stack || error.message : String(error)}`);
  }

  violated(what: string): void {
    this.broken.push(`violated ${what}`);
  }
}

/** Somebody whose page is watched. */
export interface Watched extends Listener {
  readonly promises: Promises;
  readonly page: { isClosed(): boolean };
}

export async function expectKeptPromises(person: Watched): Promise<void> {
  // What a page has told comes before its next answer.
  if (!person.page.isClosed()) await ask(person, () => undefined, undefined);
  expect(person.promises.broken, `${person.name}'s page`).toEqual([]);
}
