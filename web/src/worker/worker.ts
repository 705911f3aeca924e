// The service worker: shows what comes while no page is open, opens one, and turns off what is not wanted. It keeps nothing and
// stands between no page and the server. Which language it speaks: `language.ts`.

import type { WorkerTexts } from "../texts/en.worker";
import { kept } from "./language";
import { meant, type Meant } from "./meant";
import { renew } from "./renew";
import { wordsFor } from "./words";

declare const self: ServiceWorkerGlobalScope;

const words = async (): Promise<WorkerTexts> => wordsFor([(await kept(caches)) ?? "", ...navigator.languages]);

self.addEventListener("install", () => void self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("push", (event) => {
  event.waitUntil(show(meant(event.data?.text() ?? "")));
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const about = event.notification.data as Meant | null;
  event.waitUntil(event.action === "off" && about !== null ? turnOff(about) : open());
});

self.addEventListener("pushsubscriptionchange", (event) => {
  (event as ExtendableEvent).waitUntil(renew(self.registration.pushManager, fetch));
});

async function show(about: Meant | null): Promise<void> {
  const texts = await words();
  const { title, body } = about === null ? texts.something : texts.said[about.kind](about.from);
  const off = about !== null && about.off !== null ? [{ action: "off", title: texts.turnOff[about.kind] }] : [];
  await self.registration.showNotification(title, { ...look(texts, about), body, data: about, actions: off } as NotificationOptions);
}

/** One notification for one thing: the next of the same takes its place. */
function look(texts: WorkerTexts, about: Meant | null): NotificationOptions {
  return { icon: "/icon-192.png", badge: "/icon-192.png", lang: texts.locale, dir: texts.dir, tag: about === null ? "something" : `${about.kind}:${about.from ?? ""}` };
}

async function open(): Promise<void> {
  const pages = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  const page = pages.find(({ focused }) => focused) ?? pages[0];
  if (page === undefined) await self.clients.openWindow("/");
  else await page.focus();
}

/** By the cookie of this device: it is signed in, or it would not be told. */
async function turnOff(about: Meant): Promise<void> {
  if (about.off === null) return;
  const answer = await fetch(about.off, { method: "DELETE", credentials: "same-origin" }).catch(() => null);
  const done = answer !== null && answer.ok;
  const texts = await words();
  const title = done ? texts.turnedOff : texts.notOff;
  const body = done ? isOff(texts, about) : texts.notOffWhy;
  await self.registration.showNotification(title, { ...look(texts, about), body, silent: true });
}

function isOff(texts: WorkerTexts, { kind, from }: Meant): string {
  if (kind === "bell" && from !== null) return texts.isOff.bell(from);
  return kind === "bell" || kind === "ask" || kind === "trial" ? texts.isOff.ask() : texts.isOff.event();
}
