// The hallway: cards of rooms, and the sheet that opens one.

import { expect, type Locator, type Page } from "@playwright/test";
import { pick } from "./picker.ts";
import { Room } from "./room.ts";

export interface RoomToStart {
  readonly title: string;
  /** Who may come in; everyone unless told otherwise. */
  readonly who?: "Everyone here" | "People you follow" | "Only people I pick";
  /** Names of those who are asked in. */
  readonly ask?: readonly string[];
  /** Those of them who keep order too. */
  readonly keepers?: readonly string[];
  /** Who may raise a hand, as it is read out; everyone unless told otherwise. */
  readonly hands?: "People followed by speakers may raise a hand" | "Hands are off";
}

export class Hallway {
  constructor(readonly page: Page) {}

  /** The card of a room; its heading is the way in. */
  card(title: string): Locator {
    return this.page.getByRole("article").filter({ has: this.page.getByRole("heading", { name: title, exact: true }) });
  }

  async open(): Promise<void> {
    await this.page.goto("/");
    await expect(this.page.getByRole("heading", { name: "Being said now", level: 1 })).toBeVisible();
  }

  async start({ title, who = "Everyone here", ask = [], keepers = [], hands }: RoomToStart): Promise<Room> {
    await this.page.getByRole("button", { name: "Start a room" }).first().click();
    const sheet = this.page.getByRole("dialog", { name: "Start a room" });
    await sheet.getByLabel("What about? Optional").fill(title);
    await sheet.getByRole("radio", { name: who }).check();
    if (ask.length > 0 && who !== "Only people I pick") await sheet.getByText("Ask people in").click();
    for (const name of ask) await pick(sheet, name);
    for (const name of keepers) {
      const key = sheet.getByRole("button", { name: `${name} keeps order too` });
      await key.click();
      await expect(key).toHaveAttribute("aria-pressed", "true");
    }
    if (hands !== undefined) await sheet.getByRole("radio", { name: hands }).check();
    await sheet.getByRole("button", { name: "Open the door" }).click();
    const room = new Room(this.page, title);
    await room.expectInside();
    return room;
  }

  /** By the room's address, as far as the answer of its door. */
  async knock(path: string): Promise<void> {
    await this.page.goto(path);
    await this.page.getByRole("button", { name: "Come in" }).click();
  }

  /** One tap on the card. */
  async enter(title: string): Promise<Room> {
    await this.card(title).getByRole("link", { name: title, exact: true }).click();
    const room = new Room(this.page, title);
    await room.expectInside();
    return room;
  }
}
