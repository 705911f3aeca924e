// Which address to use when this one gives no microphone (browsers want https, or localhost).

export function betterAddress(here: Pick<Location, "hostname" | "port" | "protocol">, publicUrl: string | null): string | null {
  if (publicUrl?.startsWith("https:")) return publicUrl;
  // On the machine itself, its own name works where its number does not.
  const loopback = /^(127\.|\[?::1\]?$|0\.0\.0\.0$)/.test(here.hostname);
  if (loopback) return `http://localhost${here.port === "" ? "" : `:${here.port}`}`;
  return publicUrl;
}
