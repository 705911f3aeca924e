// Who somebody is, for others: what they say of themselves, and whom they know.

import { expect, test } from "../harness/house.ts";
import { expectGoodLooks } from "../harness/look.ts";

test("who says something of themselves is read by others as they said it, and what is too long is told before it is sent", async ({ house }) => {
  const [ann, ben] = await house.members("ann", "ben");
  const { page } = ann;
  await page.goto("/people/ann");
  await page.getByRole("button", { name: "Edit profile" }).click();
  const save = page.getByRole("button", { name: "Save" });
  await page.getByLabel("About you").fill(`${"a".repeat(490)}\n\nand more than fits`);
  await expect(page.getByText("10 characters too many")).toBeVisible();
  await expect(save).toBeDisabled();
  await page.getByLabel("About you").fill("I play the bassoon.\n\nBadly.");
  await page.getByLabel("How your name is said").fill("an, like a hat");
  await page.getByLabel("Name", { exact: true }).fill("Ann B.");
  await page.getByLabel("Add a language that you speak").selectOption("ar");
  await page.getByLabel("Add a language that you speak").selectOption("en");
  await page.getByRole("button", { name: "Take Arabic off the list" }).click();
  await page.getByLabel("Add a language that you understand").selectOption("ru");
  await expectGoodLooks(page, "profile-edit");
  await save.click();
  await expect(page.getByText("Your profile is saved.")).toBeVisible();
  await expect(page.getByRole("heading", { name: "Ann B.", level: 1 })).toBeFocused();

  await ben.page.goto("/people/ann");
  const main = ben.page.getByRole("main");
  await expect(main.getByRole("heading", { name: "Ann B.", level: 1 })).toBeVisible();
  for (const said of ["I play the bassoon.", "Say it: an, like a hat", "Speaks English.", "Understands Russian.", "New here"]) {
    await expect(main).toContainText(said);
  }
  await expect(main.getByRole("button", { name: "Edit profile" })).toHaveCount(0);
  await expectGoodLooks(ben.page, "profile-said");

  // Once more, and not meant: nothing of it is kept.
  await page.getByRole("button", { name: "Edit profile" }).click();
  await page.getByLabel("About you").fill("Something else");
  await page.getByRole("button", { name: "Cancel" }).click();
  await expect(page.getByText("I play the bassoon.")).toBeVisible();
});

test("who was invited by whom is hidden where somebody hides it, but not from the inviter", async ({ house }) => {
  const [olga, ann, ben] = await house.members("olga", "ann", "ben");
  await ben.page.goto("/people/ann");
  const invitedBy = (page: typeof ben.page) => page.getByRole("link", { name: "Invited by @olga" });
  await expect(invitedBy(ben.page)).toBeVisible();
  await ann.page.goto("/people/ann");
  await ann.page.getByRole("button", { name: "Edit profile" }).click();
  await ann.page.getByRole("switch", { name: "Show who invited you" }).click();
  await ann.page.getByRole("button", { name: "Save" }).click();
  await expect(invitedBy(ann.page)).toBeVisible();
  await ben.page.reload();
  await expect(ben.page.getByRole("heading", { name: "ann", level: 1 })).toBeVisible();
  await expect(invitedBy(ben.page)).toHaveCount(0);
  await olga.page.goto("/people/ann");
  await expect(invitedBy(olga.page)).toBeVisible();
});

test("on an empty first evening a newcomer is offered whoever invited them, and followers are listed and known to others", async ({ house }) => {
  const [olga, ann, ben] = await house.members("olga", "ann", "ben");
  await olga.page.goto("/people/ben");
  await olga.page.getByRole("button", { name: "Follow ben" }).click();
  await expect(olga.page.getByRole("link", { name: "1 follower" })).toBeVisible();

  await ann.hallway.open();
  const offered = ann.page.getByRole("main").getByRole("listitem");
  await expect(offered).toHaveText([/olga/, /ben/]);
  await expectGoodLooks(ann.page, "hallway-suggested");
  await offered.first().getByRole("button", { name: "Follow olga" }).click();
  await expect(ann.page.getByRole("button", { name: "Stop following olga" })).toBeVisible();

  await ann.page.goto("/people/ben");
  await expect(ann.page.getByText("Followed by olga.")).toBeVisible();
  await ann.page.getByRole("link", { name: "1 follower" }).click();
  await expect(ann.page.getByRole("heading", { name: "Who follows @ben" })).toBeVisible();
  await expect(ann.page.getByRole("main").getByRole("listitem")).toHaveText([/olga/]);
  await expectGoodLooks(ann.page, "followers");
  await ben.page.goto("/people/ben/following");
  await expect(ben.page.getByText("Nobody yet.")).toBeVisible();
  await ben.page.goto("/people/nobody/followers");
  await expect(ben.page.getByRole("heading", { name: "Nobody of that name is here" })).toBeVisible();
});
