// How loud somebody is for me, where I changed it. Kept on this device, for members; for guests as long as the room.

import type { Handle } from "../protocol/Handle";
import type { Person } from "../protocol/Person";
import type { Room } from "./state";

/** By handle, 0–1; absent is 1. The one changed last is the last. */
export type Volumes = ReadonlyMap<Handle, number>;

/** People whose volume is kept at once: more than anybody turns down by hand, and a small text to keep. */
export const VOLUMES_MAX = 100;

/** Full volume needs no entry; above the bound the one changed longest ago goes. */
export function withVolume(volumes: Volumes, handle: Handle, volume: number): Volumes {
  const next = new Map(volumes);
  next.delete(handle);
  if (volume < 1) next.set(handle, Math.max(0, volume));
  for (const oldest of next.keys()) {
    if (next.size <= VOLUMES_MAX) break;
    next.delete(oldest);
  }
  return next;
}

/** How loud somebody is to be played. */
export function volumeOf(person: Pick<Person, "id" | "handle">, room: Pick<Room, "volumes">, kept: Volumes): number {
  return (person.handle === null ? room.volumes.get(person.id) : kept.get(person.handle)) ?? 1;
}

export function written(volumes: Volumes): string {
  return JSON.stringify([...volumes]);
}

/** What was written once; whatever else stands there is no list of volumes. */
export function read(text: string | null): Volumes {
  try {
    const value: unknown = JSON.parse(text ?? "[]");
    if (!Array.isArray(value)) return new Map();
    return value.reduce<Volumes>((volumes, entry: unknown) => {
      const [handle, volume] = Array.isArray(entry) ? (entry as unknown[]) : [];
      return typeof handle === "string" && typeof volume === "number" ? withVolume(volumes, handle, volume) : volumes;
    }, new Map());
  } catch {
    return new Map();
  }
}
