import { expect, test } from "vitest";
import { renew } from "./renew";

const subscribed = { toJSON: () => ({ endpoint: "https://push.example.org/new", keys: { p256dh: "BA", auth: "AQ" } }) };

function server(settings: Response): { fetch: typeof globalThis.fetch; asked: string[] } {
  const asked: string[] = [];
  const fetch = (async (path: string, init?: RequestInit) => {
    asked.push(`${init?.method ?? "GET"} ${path} ${String(init?.body ?? "")}`.trim());
    return path === "/api/v1/push" ? settings : new Response(null, { status: 204 });
  }) as typeof globalThis.fetch;
  return { fetch, asked };
}

const manager = { getSubscription: async () => null, subscribe: async () => subscribed };

test("another address of the browser takes the place of the one before", async () => {
  const { fetch, asked } = server(Response.json({ here: true, server_key: "BB", devices: 1 }));
  await renew(manager, fetch);
  expect(asked).toEqual(["GET /api/v1/push", 'PUT /api/v1/push/device {"endpoint":"https://push.example.org/new","p256dh":"BA","auth":"AQ"}']);
});

test("where nobody is signed in, or nobody is told here, nothing is", async () => {
  for (const settings of [new Response(null, { status: 401 }), Response.json({ here: false, server_key: "BB", devices: 0 })]) {
    const { fetch, asked } = server(settings);
    await renew(manager, fetch);
    expect(asked).toEqual(["GET /api/v1/push"]);
  }
});
