// A connection is offered once and answered once, with descriptions as the browser and the server made them: every page is
// held to it, and a test may count. `installOffers` runs before the page's own scripts and is sent there as text.

import { TELL } from "./ears.ts";
import { ask, type Listener } from "./hearing.ts";

/** What became of one connection until now; descriptions are SDP. */
export interface Offered {
  /** What the browser has made: an offer, or an answer to one. */
  readonly made: readonly string[];
  /** What the page has set, in order. */
  readonly local: readonly string[];
  readonly remote: readonly string[];
  readonly lines: readonly RTCRtpTransceiverDirection[];
}

declare global {
  interface Window {
    offers(): Offered[];
  }
}

/** Of every connection that the page has set anything of. */
export async function offersOf(listener: Listener): Promise<Offered[]> {
  return ask(listener, () => window.offers(), undefined);
}

export const OFFERS = { tell: TELL } as const;

export function installOffers({ tell }: typeof OFFERS): void {
  interface Kept {
    made: string[];
    local: string[];
    remote: string[];
  }
  type Method = (this: RTCPeerConnection, ...given: Array<RTCSessionDescriptionInit | undefined>) => Promise<RTCSessionDescriptionInit | undefined>;
  const all = new Map<RTCPeerConnection, Kept>();
  const methods = RTCPeerConnection.prototype as unknown as Record<string, Method>;

  function of(connection: RTCPeerConnection): Kept {
    const kept = all.get(connection) ?? { made: [], local: [], remote: [] };
    all.set(connection, kept);
    return kept;
  }
  function replace(name: string, by: (native: Method) => Method): void {
    const native = methods[name];
    if (native === undefined) throw new Error(`no RTCPeerConnection.${name}`);
    methods[name] = by(native);
  }
  function hold(promise: string, kept: boolean): void {
    if (!kept) void window[tell]?.(promise);
  }

  for (const name of ["createOffer", "createAnswer"]) {
    replace(name, (native) => {
      return async function (...given) {
        const description = await native.apply(this, given);
        const { made } = of(this);
        made.push(description?.sdp ?? "");
        hold("one offer for the life of a connection", made.length === 1);
        return description;
      };
    });
  }
  for (const side of ["local", "remote"] as const) {
    replace(side === "local" ? "setLocalDescription" : "setRemoteDescription", (native) => {
      return function (...given) {
        const [text, kept] = [given[0]?.sdp ?? "", of(this)];
        kept[side].push(text);
        hold(`one ${side} description for the life of a connection`, kept[side].length === 1);
        if (side === "local") hold("a local description as the browser made it", text === kept.made.at(-1));
        return native.apply(this, given);
      };
    });
  }
  window.offers = () => [...all].map(([connection, kept]) => ({ ...kept, lines: connection.getTransceivers().map(({ direction }) => direction) }));
}
