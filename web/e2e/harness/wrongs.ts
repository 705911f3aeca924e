// Pages that break their promises, each in its own way.

import { createServer } from "node:http";
import { once } from "node:events";

const POLICY = "default-src 'none'; script-src 'unsafe-inline'; connect-src *; img-src *";

/** A violation and nothing else: what it throws is caught. */
const EVAL = "try { eval('1') } catch {}";

/** A connection with something to offer, and what is done with its offer. */
const offered = (then: string): string =>
  `const line = new RTCPeerConnection(); line.addTransceiver('audio'); line.createOffer().then(async (offer) => { ${then} }).then(done)`;

export interface Wrong {
  readonly what: string;
  readonly script: string;
  /** Stands in what is told of it. */
  readonly told: RegExp;
}

// The pages live at `localhost`: the same port of 127.0.0.1 is somewhere else.
export const WRONGS: readonly Wrong[] = [
  { what: "a request elsewhere", script: "fetch(`http://127.0.0.1:${location.port}/`).catch(() => {}).then(done)", told: /http:\/\/127.0.0.1:/ },
  { what: "a socket elsewhere", script: "new WebSocket(`ws://127.0.0.1:${location.port}/`).onerror = done", told: /ws:\/\/127.0.0.1:/ },
  { what: "an error", script: "setTimeout(() => { done(); throw new Error('oops') })", told: /oops/ },
  {
    what: "a violation of the policy",
    script: `document.addEventListener('securitypolicyviolation', done); ${EVAL}`,
    told: /violated script-src/,
  },
  {
    what: "a violation on a page that was left",
    script: `if (location.pathname === '/left') done();
      else { document.addEventListener('securitypolicyviolation', () => { location.href = '/left' }); ${EVAL} }`,
    // Where the page is gone before it is heard, Firefox itself still tells.
    told: /violated script-src|Content-Security-Policy.*script-src/,
  },
  { what: "a second offer", script: offered("await line.createOffer()"), told: /one offer for the life of a connection/ },
  {
    what: "a description that was set twice",
    script: offered("await line.setLocalDescription(offer); await line.setLocalDescription(offer)"),
    told: /one local description for the life of a connection/,
  },
  {
    what: "a description with something added",
    script: offered("await line.setLocalDescription({ ...offer, sdp: `${offer.sdp}a=x-mine:1\\r\\n` })"),
    told: /a local description as the browser made it/,
  },
];

/** Serves pages with this script, which calls `done` when it has done what it does; the title is then "done". */
export class Wrongdoers {
  readonly #stop: Array<() => void> = [];

  async serve(script: string): Promise<string> {
    const http = createServer((_, response) => {
      response.setHeader("content-type", "text/html");
      response.setHeader("content-security-policy", POLICY);
      const done = "const done = () => { document.title = 'done' };";
      response.end(`<!doctype html><title>x</title><script>${done} ${script}</script>`);
    });
    http.listen(0, "127.0.0.1");
    await once(http, "listening");
    this.#stop.push(() => {
      http.closeAllConnections();
      http.close();
    });
    const address = http.address();
    if (address === null || typeof address === "string") throw new Error("no port");
    return `http://localhost:${address.port}`;
  }

  close(): void {
    for (const stop of this.#stop) stop();
  }
}
