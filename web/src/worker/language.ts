// Which language the service worker speaks. It reads no storage of a page; what was chosen lies where both can look, in this
// browser, and nothing lies there unless something was chosen.

/** Where it lies, and under which name. No answer of the server is ever in it. */
const PLACE = "language";
const KEY = "/language";

export type Place = Pick<CacheStorage, "open" | "match" | "delete">;

/** Said by a page; null is as the browser asks. */
export async function keep(place: Place, language: string | null): Promise<void> {
  if (language === null) await place.delete(PLACE);
  else await (await place.open(PLACE)).put(KEY, new Response(language));
}

/** Null where nothing was chosen, or nothing can be read. */
export async function kept(place: Place): Promise<string | null> {
  const found = await place.match(KEY, { cacheName: PLACE }).catch(() => undefined);
  return found === undefined ? null : await found.text();
}
