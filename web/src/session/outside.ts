// What the session needs of the browser; tests bring their own.

import type { GuestHello } from "../protocol/GuestHello";
import type { RoomId } from "../protocol/RoomId";
import type { SeatToken } from "../protocol/SeatToken";
import type { Socket } from "./line";
import type { MediaWorld } from "./media";
import type { Volumes } from "./volumes";

/** A seat as a tab keeps it over a reload. */
export interface KeptSeat {
  readonly room: RoomId;
  readonly seat: SeatToken;
}

export interface SessionWorld {
  connect(): Socket;
  now(): number;
  random(): number;
  randomId(): string;
  after(ms: number, act: () => void): () => void;
  /** Whether the member is still signed in, or the guest's link still theirs; asked when a socket cannot be opened. */
  signedIn(): Promise<boolean | "unknown">;
  media: MediaWorld;
  bundle: string | null;
  /** Whoever is here by a link for a guest; nobody, for members. */
  guest(): GuestHello | null;
  /** My seat, for the next page of this tab; null when I have none. */
  keepSeat(seat: KeptSeat | null): void;
  /** Volumes as this device keeps them. */
  volumes: { kept(): Volumes; keep(volumes: Volumes): void };
}
