import { t } from "../texts";

/** Names the page for as long as the screen stands. */
export function titled(read: () => string): void {
  $effect(() => {
    const title = read();
    document.title = title === "" ? t.common.product : `${title} · ${t.common.product}`;
  });
}
