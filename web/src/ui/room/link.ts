// Where a card leads. Nothing is asked there before somebody follows it.

import { CARD_LINK_BYTES_MAX } from "../../protocol/limits";

/** An address as browsers write it, with the scheme that it has to have; null for what cannot be pinned up. */
export function linkOf(text: string): string | null {
  const typed = text.trim();
  const address = read(/^[a-z][a-z0-9+.-]*:/i.test(typed) && !/^[^/:]+:\d/.test(typed) ? typed : `https://${typed}`);
  if (address === null || address.protocol !== "https:" || address.username !== "" || address.password !== "") return null;
  if (!address.hostname.includes(".") || !/^[a-z0-9._-]+$/.test(address.hostname)) return null;
  const href = address.href.replace(/["<>\\^`{|}]/g, encodeURIComponent);
  return href.length <= CARD_LINK_BYTES_MAX ? href : null;
}

/** What is shown of it: whom one asks by following it. */
export function hostOf(link: string): string | null {
  return read(link)?.host ?? null;
}

function read(text: string): URL | null {
  return URL.canParse(text) ? new URL(text) : null;
}
