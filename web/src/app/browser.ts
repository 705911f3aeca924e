// The session of this page, in this browser: everything that `session/` asks of the world, tied to the real one.

import type { ChosenDevices } from "../audio/devices";
import { openMicrophone } from "../audio/microphone";
import { Playout } from "../audio/playout";
import type { GuestHello } from "../protocol/GuestHello";
import { api, type Result } from "../session/api";
import type { Session } from "../session/contract";
import { Peer } from "../session/peer";
import { RealSession } from "../session/session";
import { read, written } from "../session/volumes";
import { bundleOf } from "./bundle";
import { SeatKeeper } from "./seat";

const VOLUMES_KEY = "vivavoce.volumes";

/** Who is here by their link, and without an account. */
export interface Visitor {
  /** The socket's address, under the API's. */
  readonly socket: string;
  hello(): GuestHello | null;
  /** Whether they may come on. */
  stands(): Promise<Result<unknown>>;
}

export async function createSession(devices: ChosenDevices, storage: Pick<Storage, "getItem" | "setItem"> | null, guest: Visitor | null): Promise<Session> {
  // One certificate for the life of the page: making one costs more than a handshake.
  const certificate = await RTCPeerConnection.generateCertificate({ name: "ECDSA", namedCurve: "P-256" } as EcKeyGenParams).catch(
    () => null,
  );
  const seats = new SeatKeeper(tabStorage(), navigator.locks);
  let ears: Playout | null = null;
  const session: RealSession = new RealSession({
    connect: () => new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/api/v1/${guest?.socket ?? "socket"}`),
    now: () => performance.now(),
    random: () => Math.random(),
    randomId,
    after: (ms, act) => {
      const timer = setTimeout(act, ms);
      return () => clearTimeout(timer);
    },
    signedIn: async () => {
      const me = await (guest?.stands() ?? api.me());
      return me.ok ? true : me.error === "signed_out" ? false : "unknown";
    },
    keepSeat: (seat) => seats.keep(seat),
    volumes: {
      kept: () => read(storage?.getItem(VOLUMES_KEY) ?? null),
      keep: (volumes) => {
        try {
          storage?.setItem(VOLUMES_KEY, written(volumes));
        } catch {
          // A full or forbidden storage: they hold for this visit.
        }
      },
    },
    bundle: bundleOf(document),
    guest: () => guest?.hello() ?? null,
    media: {
      newPeer: (events) => new Peer(certificate, events),
      ears: () => (ears ??= new Playout(devices.speaker, (playback) => session.played(playback))),
      openMicrophone: (interrupted) => openMicrophone(devices.microphone, interrupted),
      now: () => performance.now(),
      every: (ms, act) => {
        const timer = setInterval(act, ms);
        return () => clearInterval(timer);
      },
    },
  });
  devices.onmicrophone = () => void session.microphoneChosen();
  devices.onspeaker = () => void ears?.useSpeaker(devices.speaker);
  addEventListener("online", () => session.networkChanged());
  addEventListener("pagehide", () => session.goAway());
  // A page that is taken out of store as it was has given its seat up: it begins anew, and comes back to it.
  addEventListener("pageshow", (event) => {
    if (event.persisted) location.reload();
  });
  void seats.claim().then((seat) => {
    if (seat !== null) session.returnTo(seat);
  });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") session.hurry();
    session.looking(document.visibilityState === "visible" ? "here" : "away");
  });
  session.looking(document.visibilityState === "visible" ? "here" : "away");
  return session;
}

/** Of this tab alone; it stands over a reload. */
export function tabStorage(): Storage | null {
  try {
    return sessionStorage;
  } catch {
    return null;
  }
}

/** 128 random bits as unpadded base64url, like every identifier of the protocol. */
export function randomId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

