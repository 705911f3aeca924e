// Being told while no page is open, as far as this browser goes: whether it can be, and turning it on and off.

import type { PushDevice } from "../protocol/PushDevice";
import { keep } from "../worker/language";
import type { Api } from "./api";

/** What this browser allows. */
export type Possible =
  | "yes"
  /** It does not know of it. */
  | "unsupported"
  /** The page came over an insecure line. */
  | "insecure"
  /** An iPhone or iPad: only from the home screen. */
  | "install"
  /** Somebody said no, and only the browser's own settings change that. */
  | "denied";

export type TurnedOn = "on" | "denied" | "failed";

/** What screens may ask of it; the gallery has another. */
export interface Pushing {
  possible(): Possible;
  turnOn(api: Api, serverKey: string, language: string): Promise<TurnedOn>;
  turnOff(api: Api): Promise<boolean>;
  /** Whoever signed out is told nothing more here, and what they were told is not left lying about. */
  forget(): Promise<void>;
  /** The language of what is told here; the server does not know it. */
  speak(language: string): Promise<void>;
  /** Minutes by which this clock is ahead of UTC. */
  zone(): number;
}

const WORKER = "/worker.js";

export const browserPushing: Pushing = {
  possible() {
    if (!isSecureContext) return "insecure";
    if (!("serviceWorker" in navigator) || !("PushManager" in globalThis) || !("Notification" in globalThis)) return onHomeScreen() === false ? "install" : "unsupported";
    return Notification.permission === "denied" ? "denied" : "yes";
  },

  async turnOn(api, serverKey, language) {
    // Before anything is waited for: some browsers ask only right after a tap.
    if ((await Notification.requestPermission()) !== "granted") return "denied";
    try {
      const registration = await navigator.serviceWorker.register(scriptUrl(WORKER));
      await navigator.serviceWorker.ready;
      await this.speak(language);
      // One from before may be for another key of the server.
      await (await registration.pushManager.getSubscription())?.unsubscribe();
      const subscribed = await registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: serverKey });
      const device = deviceOf(subscribed.toJSON());
      return device !== null && (await api.setPushDevice(device)).ok ? "on" : "failed";
    } catch {
      return Notification.permission === "denied" ? "denied" : "failed";
    }
  },

  async turnOff(api) {
    const done = (await api.removePushDevice()).ok;
    const registration = await navigator.serviceWorker.getRegistration().catch(() => undefined);
    await (await registration?.pushManager.getSubscription().catch(() => null))?.unsubscribe().catch(() => false);
    return done;
  },

  async forget() {
    if (!("serviceWorker" in navigator)) return;
    const registration = await navigator.serviceWorker.getRegistration().catch(() => undefined);
    if (registration !== undefined) await keep(caches, null).catch(() => undefined);
    for (const notice of (await registration?.getNotifications().catch(() => [])) ?? []) notice.close();
    await (await registration?.pushManager?.getSubscription().catch(() => null))?.unsubscribe().catch(() => false);
  },

  async speak(language) {
    // Nobody to speak, and nothing to leave lying about.
    if (!("serviceWorker" in navigator) || (await navigator.serviceWorker.getRegistration().catch(() => undefined)) === undefined) return;
    await keep(caches, language === "system" ? null : language).catch(() => undefined);
  },

  zone: () => -new Date().getTimezoneOffset(),
};

/** Whoever travels, or puts the clock forward, has quiet at the same hours of the day. Asks only where something may be told. */
export async function followZone(pushing: Pushing, api: Api): Promise<void> {
  if (!("Notification" in globalThis) || Notification.permission !== "granted") return;
  const answer = await api.push();
  if (!answer.ok || !answer.value.here) return;
  const { quiet } = answer.value.wishes;
  if (quiet !== null && quiet.zone !== pushing.zone()) await api.wish({ ...answer.value.wishes, quiet: { ...quiet, zone: pushing.zone() } });
}

export function deviceOf({ endpoint, keys }: PushSubscriptionJSON): PushDevice | null {
  const [p256dh, auth] = [keys?.["p256dh"], keys?.["auth"]];
  return endpoint && p256dh && auth ? { endpoint, p256dh, auth } : null;
}

/** False in a page of Safari on iOS, true when it was started from the home screen there, undefined everywhere else. */
function onHomeScreen(): boolean | undefined {
  return "standalone" in navigator ? Boolean(navigator.standalone) : undefined;
}

interface Policies {
  createPolicy(name: string, rules: { createScriptURL: (url: string) => string }): { createScriptURL(url: string): string };
}

let policy: ReturnType<Policies["createPolicy"]> | null = null;

/** The one script that a page of ours names by an address: where the browser asks for it, it is vouched for. */
function scriptUrl(url: typeof WORKER): string {
  const policies = (globalThis as { trustedTypes?: Policies }).trustedTypes;
  if (policies === undefined) return url;
  policy ??= policies.createPolicy("app", { createScriptURL: (url) => (url === WORKER ? url : "") });
  return policy.createScriptURL(url);
}
