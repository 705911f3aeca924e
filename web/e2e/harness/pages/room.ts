// A room as somebody in it sees it, on a wide screen.

import { expect, type Locator, type Page } from "@playwright/test";
import { pick } from "./picker.ts";
import { shownLink } from "./settings.ts";

/** Somebody as the screen shows them: the name, and what is read out after it. */
export interface Shown {
  readonly name: string;
  /** "owner", "moderator", "muted", "held", "speaking", "reconnecting", "invited up", "you". */
  readonly states: readonly string[];
}

export class Room {
  constructor(
    readonly page: Page,
    readonly title: string,
  ) {}

  /** Its address, which members give to each other. */
  get path(): string {
    return new URL(this.page.url()).pathname;
  }

  get stage(): Locator {
    return this.page.getByRole("region", { name: /^On stage/ });
  }

  get microphone(): Locator {
    return this.page.getByRole("button", { name: "Microphone", exact: true });
  }

  get hand(): Locator {
    return this.page.getByRole("button", { name: "Raise hand", exact: true });
  }

  /** The question to somebody who is asked to the stage. */
  get asked(): Locator {
    return this.page.getByRole("dialog", { name: /asks you up$/ });
  }

  /** The tile or the row of somebody in the room. */
  person(name: string): Locator {
    return this.page.getByRole("button", { name: new RegExp(`^${name}(,|$)`) });
  }

  async expectInside(): Promise<void> {
    await expect(this.page.getByRole("heading", { name: this.title, level: 1, exact: true })).toBeVisible();
    await expect(this.page.getByRole("contentinfo", { name: "You in this room" })).toBeVisible();
  }

  /** Everybody on the screen, in its order: stage first. */
  async shown(): Promise<Shown[]> {
    const main = this.page.getByRole("main").getByRole("listitem").getByRole("button");
    const listeners = this.page.getByRole("complementary", { name: "Listening" }).getByRole("listitem").getByRole("button");
    const labels = await main.or(listeners).evaluateAll((tiles) => tiles.map((tile) => tile.querySelector("[data-label]")?.textContent ?? ""));
    return labels.map((label) => {
      const [name = "", ...states] = label.split(", ");
      return { name, states };
    });
  }

  /** Waits until exactly these people are on the screen, whatever their state. */
  async expectShown(names: readonly string[], withinMs = 10_000): Promise<void> {
    const shown = async (): Promise<string[]> => (await this.shown()).map(({ name }) => name).sort();
    await expect.poll(shown, { timeout: withinMs, message: `${this.title} shows` }).toEqual([...names].sort());
  }

  /** Opens the own microphone, or shuts it; done when the server has said so. */
  async setMicrophone(to: "open" | "muted"): Promise<void> {
    const pressed = to === "open" ? "true" : "false";
    await expect(this.microphone).toHaveAttribute("aria-busy", "false");
    if ((await this.microphone.getAttribute("aria-pressed")) !== pressed) await this.microphone.click();
    await expect(this.microphone).toHaveAttribute("aria-pressed", pressed);
    await expect(this.microphone).toHaveAttribute("aria-busy", "false");
  }

  /** Up to the stage by the usual way, as both see it: hand, call, yes. */
  async raiseHand(): Promise<void> {
    await this.hand.click();
    await expect(this.hand).toHaveAttribute("aria-pressed", "true");
  }

  /** From the queue of hands. */
  async bringUp(name: string): Promise<void> {
    await this.page.getByRole("button", { name: `Bring up ${name}`, exact: true }).click();
  }

  async comeUp(): Promise<void> {
    await this.asked.getByRole("button", { name: "Come up, muted" }).click();
    await expect(this.microphone).toHaveAttribute("aria-pressed", "false");
    await expect(this.asked).toBeHidden();
  }

  async declineStage(): Promise<void> {
    await this.asked.getByRole("button", { name: "Not now" }).click();
    await expect(this.asked).toBeHidden();
  }

  /** The six reactions, opened. */
  async react(): Promise<Locator> {
    await this.page.getByRole("button", { name: "React", exact: true }).click();
    const six = this.page.getByRole("toolbar", { name: "React" });
    await expect(six).toBeVisible();
    return six;
  }

  /** The sheet of somebody, opened. */
  async sheet(name: string): Promise<Locator> {
    await this.person(name).click();
    const sheet = this.page.getByRole("dialog", { name, exact: true });
    await expect(sheet).toBeVisible();
    return sheet;
  }

  /** Opens the sheet of somebody and presses what can be done there. */
  async act(name: string, act: string): Promise<void> {
    const sheet = await this.sheet(name);
    await sheet.getByRole("button", { name: new RegExp(`^${act}(?! for me)`) }).click();
    await expect(sheet).toBeHidden();
  }

  /** From the room's own menu. */
  async menu(act: string): Promise<void> {
    await this.page.getByRole("button", { name: /^This room/ }).click();
    const sheet = this.page.getByRole("dialog", { name: "This room" });
    await sheet.getByRole("button", { name: new RegExp(`^${act}`) }).click();
    await expect(sheet).toBeHidden();
  }

  /** From the room's own menu: nobody new, or whoever may again. */
  async setDoor(to: "locked" | "unlocked"): Promise<void> {
    await this.page.getByRole("button", { name: /^This room/ }).click();
    const sheet = this.page.getByRole("dialog", { name: "This room" });
    const lock = sheet.getByRole("switch", { name: /^Lock the door/ });
    await lock.setChecked(to === "locked");
    await sheet.getByRole("button", { name: "Close" }).click();
    await expect(sheet).toBeHidden();
  }

  /** Members, while the room is open. */
  async askIn(...names: readonly string[]): Promise<void> {
    await this.page.getByRole("button", { name: "Invite somebody", exact: true }).first().click();
    const sheet = this.page.getByRole("dialog", { name: "Invite somebody" });
    for (const name of names) await pick(sheet, name);
    await sheet.getByRole("button", { name: "Ask", exact: true }).click();
    for (const name of names) await expect(sheet.getByText(`@${name}`)).toBeVisible();
    await sheet.getByRole("button", { name: "Close" }).click();
    await expect(sheet).toBeHidden();
  }

  /** The button of the bar; whoever alone keeps order is asked more. */
  async leave(): Promise<void> {
    await this.page.getByRole("button", { name: "Leave quietly", exact: true }).click();
  }

  /** Back to the hallway, and still in the room. */
  async toHallway(): Promise<void> {
    await this.page.getByRole("link", { name: "Back to the hallway, stay in the room" }).click();
    await expect(this.page.getByRole("heading", { name: "Being said now", level: 1 })).toBeVisible();
  }

  /** A link for somebody new to the server, made in the room; what is said of where they land. */
  async inviteToServer(says: string): Promise<string> {
    await this.page.getByRole("button", { name: "Invite somebody", exact: true }).first().click();
    const sheet = this.page.getByRole("dialog", { name: "Invite somebody" });
    await expect(sheet.getByText(says, { exact: false })).toBeVisible();
    await sheet.getByRole("button", { name: /^Invite somebody new to this server/ }).click();
    const link = await shownLink(this.page);
    await sheet.getByRole("button", { name: "Close" }).click();
    return link;
  }

  /** Asked on the way out: the room goes to somebody, and its last moderator too. */
  async handTo(name: string): Promise<void> {
    const sheet = this.page.getByRole("dialog", { name: "Who keeps order when you are gone?" });
    await sheet.getByRole("button", { name: `Hand over to ${name}, and leave` }).click();
  }

  /** Asked on the way out: to nobody. */
  async justLeave(): Promise<void> {
    const sheet = this.page.getByRole("dialog", { name: "Who keeps order when you are gone?" });
    await sheet.getByRole("button", { name: /^Just leave/ }).click();
  }

  /** What the room has just said to this person. */
  async expectSaid(sentence: string | RegExp): Promise<void> {
    await expect(this.page.getByText(sentence).first()).toBeVisible();
  }
}
