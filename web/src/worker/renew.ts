import type { PushSettings } from "../protocol/PushSettings";

interface Subscribed {
  toJSON(): { endpoint?: string; keys?: Record<string, string> };
}

/** What is needed of a browser's push manager. */
export interface Subscribes {
  getSubscription(): Promise<Subscribed | null>;
  subscribe(options: { userVisibleOnly: boolean; applicationServerKey: string }): Promise<Subscribed>;
}

/** The browser has another address now: the server is told it, in the place of the one before. */
export async function renew(manager: Subscribes, fetch: typeof globalThis.fetch): Promise<void> {
  const asked = await fetch("/api/v1/push", { credentials: "same-origin" });
  // Signed out: nobody is told anything here.
  if (!asked.ok) return;
  const { here, server_key } = (await asked.json()) as PushSettings;
  if (here) await tell(await subscribe(manager, server_key), fetch);
}

export async function subscribe(manager: Subscribes, applicationServerKey: string): Promise<Subscribed> {
  return (await manager.getSubscription()) ?? manager.subscribe({ userVisibleOnly: true, applicationServerKey });
}

/** Whether the server took it. */
export async function tell(subscribed: Subscribed, fetch: typeof globalThis.fetch): Promise<boolean> {
  const { endpoint, keys } = subscribed.toJSON();
  const answer = await fetch("/api/v1/push/device", {
    method: "PUT",
    credentials: "same-origin",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ endpoint, p256dh: keys?.["p256dh"], auth: keys?.["auth"] }),
  });
  return answer.ok;
}
