// Being told while no page is open: the bell, the settings, and the service worker itself, which shows what comes and turns it off.
// That the server seals and sends is tested where a push service of our own opens it (crates/cli/tests/push).

import type { BrowserContext, CDPSession, Page, Worker } from "@playwright/test";
import { expect, test } from "../harness/house.ts";
import { expectGoodLooks } from "../harness/look.ts";
import { until } from "../harness/until.ts";

/** Browsers under test subscribe nowhere: this is what one that does says. The keys are those of the example of RFC 8291. */
async function subscribes(context: BrowserContext, origin: string): Promise<void> {
  await context.grantPermissions(["notifications"], { origin });
  await context.addInitScript(() => {
    const keys = { p256dh: "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4", auth: "BTBZMqHH6r4Tts7J_aSIgg" };
    const subscribed = { toJSON: () => ({ endpoint: "https://127.0.0.1:1/somebody", keys }), unsubscribe: async () => true };
    PushManager.prototype.subscribe = async () => subscribed as unknown as PushSubscription;
  });
}

async function turnOn(page: Page): Promise<void> {
  await page.goto("/settings/notices");
  await page.getByRole("switch", { name: /^Tell me when no page is open/ }).check();
  await expect(page.getByRole("button", { name: "Send me one" })).toBeVisible();
}

test("whoever wants to be told rings a bell, turns it on for this device, and is told honestly what came of a try", async ({ house }) => {
  const [, ben] = await house.members("ann", "ben");
  const { page } = ben;
  await subscribes(ben.context, house.server.origin);
  await page.goto("/people/ann");
  const bell = page.getByRole("button", { name: "Bell of ann: tell me when they start a room" });
  await expect(page.getByRole("button", { name: "Follow ann" })).toBeVisible();
  await expect(bell).toHaveCount(0);
  await page.getByRole("button", { name: "Follow ann" }).click();
  await bell.click();
  await expect(bell).toHaveAttribute("aria-pressed", "true");
  await page.reload();
  await expect(bell).toHaveAttribute("aria-pressed", "true");
  await expectGoodLooks(page, "profile-bell");

  await turnOn(page);
  await expectGoodLooks(page, "settings-notices");
  await page.getByRole("button", { name: "Send me one" }).click();
  await expect(page.getByText("It did not get through.")).toBeVisible();
  await page.getByRole("switch", { name: /^Leave me alone at night/ }).check();
  await page.getByLabel("From").fill("23:15");
  await page.getByLabel("From").blur();
  await page.getByRole("switch", { name: /^Somebody asks you into a room/ }).uncheck();
  await page.reload();
  await expect(page.getByLabel("From")).toHaveValue("23:15");
  await expect(page.getByRole("switch", { name: /^Somebody asks you into a room/ })).not.toBeChecked();
  await expect(page.getByRole("switch", { name: /^Tell me when no page is open/ })).toBeChecked();
  await page.getByRole("switch", { name: /^Tell me when no page is open/ }).uncheck();
  await expect(page.getByRole("button", { name: "Send me one" })).toHaveCount(0);
});

test("what comes while the page is closed is shown, opens the page, and is turned off from itself", async ({ house }) => {
  const [, ben] = await house.members("ann", "ben");
  const { origin } = house.server;
  await subscribes(ben.context, origin);
  await ben.page.goto("/people/ann");
  await ben.page.getByRole("button", { name: "Follow ann" }).click();
  await ben.page.getByRole("button", { name: /^Bell of ann/ }).click();
  await turnOn(ben.page);
  const worker = await until("the service worker runs", 10_000, async () => ben.context.serviceWorkers()[0]);

  // Nothing of ours is open.
  const elsewhere = await ben.context.newPage();
  const cdp = await ben.context.newCDPSession(elsewhere);
  const registrationId = await registration(cdp, origin);
  await ben.page.close();
  await deliver(cdp, { origin, registrationId, data: '{"kind":"bell","from":"ann"}' });
  await expect.poll(() => shown(worker)).toEqual([{ title: "@ann started a room", body: "Come and listen.", actions: ["off"] }]);
  await deliver(cdp, { origin, registrationId, data: "of a newer server" });
  await expect.poll(() => titles(worker)).toEqual(["@ann started a room", "Something is going on"]);

  // Whoever chooses a language on a page is told things in it from then on, and no server is asked.
  await elsewhere.goto(`${origin}/settings/look`);
  const spoken = elsewhere.locator("#language + .select select");
  await spoken.selectOption("ru");
  await expect(elsewhere.getByRole("combobox", { name: "Язык" })).toBeFocused();
  await deliver(cdp, { origin, registrationId, data: '{"kind":"bell","from":"ann"}' });
  await expect.poll(() => titles(worker)).toContain("@ann открывает комнату");
  await spoken.selectOption("en");
  await expect(elsewhere.getByRole("combobox", { name: "Language" })).toBeFocused();
  await elsewhere.goto("about:blank");

  // A test has no finger of the system's to tap with: what a tap does is done.
  const opened = await worker.evaluate(async () => {
    const scope = self as unknown as ServiceWorkerScope;
    const opened: string[] = [];
    scope.clients.openWindow = async (url: string) => void opened.push(url);
    const [notification] = await scope.registration.getNotifications({ tag: "bell:ann" });
    scope.dispatchEvent(new scope.NotificationEvent("notificationclick", { notification }));
    for (let tries = 0; opened.length === 0 && tries < 100; tries++) await new Promise((done) => setTimeout(done, 20));
    return opened;
  });
  expect(opened).toEqual(["/"]);

  await deliver(cdp, { origin, registrationId, data: '{"kind":"bell","from":"ann"}' });
  await expect.poll(() => titles(worker)).toContain("@ann started a room");
  await turnOffFrom(worker, "bell:ann");
  await expect.poll(() => titles(worker)).toContain("Turned off");
  await elsewhere.goto(`${origin}/people/ann`);
  await expect(elsewhere.getByRole("button", { name: /^Bell of ann/ })).toHaveAttribute("aria-pressed", "false");

  await deliver(cdp, { origin, registrationId, data: '{"kind":"event_named","from":"ann"}' });
  await expect.poll(() => titles(worker)).toContain("@ann asks you to be at an event");
  await turnOffFrom(worker, "event_named:ann");
  await expect.poll(async () => (await shown(worker)).map(({ body }) => body)).toContain("You are not told of events any more. Open pages still say it.");
  await elsewhere.goto(`${origin}/settings/notices`);
  await expect(elsewhere.getByRole("switch", { name: /^Events of yours/ })).not.toBeChecked();
  await expect(elsewhere.getByRole("switch", { name: /^Somebody asks you into a room/ })).toBeChecked();
});

/** A test has no finger of the system's here either. */
async function turnOffFrom(worker: Worker, tag: string): Promise<void> {
  await worker.evaluate(async (tag) => {
    const scope = self as unknown as ServiceWorkerScope;
    const [notification] = await scope.registration.getNotifications({ tag });
    scope.dispatchEvent(new scope.NotificationEvent("notificationclick", { notification, action: "off" }));
  }, tag);
}

/** What a test needs of a service worker; the types of pages know none of it. */
interface ServiceWorkerScope {
  readonly clients: { openWindow(url: string): Promise<void> };
  readonly registration: { getNotifications(filter?: { tag: string }): Promise<{ title: string; body: string; actions?: { action: string }[] }[]> };
  readonly NotificationEvent: new (type: string, init: object) => Event;
  dispatchEvent(event: Event): void;
}

function shown(worker: Worker): Promise<{ title: string; body: string; actions: string[] }[]> {
  return worker.evaluate(async () => {
    const all = await (self as unknown as ServiceWorkerScope).registration.getNotifications();
    return all.map(({ title, body, actions }) => ({ title, body, actions: (actions ?? []).map(({ action }) => action) }));
  });
}

async function titles(worker: Worker): Promise<string[]> {
  return (await shown(worker)).map(({ title }) => title).sort();
}

async function registration(cdp: CDPSession, origin: string): Promise<string> {
  const found = new Promise<string>((done) => {
    cdp.on("ServiceWorker.workerRegistrationUpdated", ({ registrations }) => {
      const ours = registrations.find(({ scopeURL }) => scopeURL.startsWith(origin));
      if (ours) done(ours.registrationId);
    });
  });
  await cdp.send("ServiceWorker.enable");
  return found;
}

async function deliver(cdp: CDPSession, message: { origin: string; registrationId: string; data: string }): Promise<void> {
  await cdp.send("ServiceWorker.deliverPushMessage", message);
}
