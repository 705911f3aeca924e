// Where the address stands: the browser's bar, or a variable.

export interface Place {
  path(): string;
  hash(): string;
  push(url: string): void;
  replace(url: string): void;
  back(): void;
  /** Leave the page for this address: a fresh load. */
  load(url: string): void;
  /** Called when the person went back or forth. */
  onMoved(listener: () => void): void;
}

export function browserPlace(): Place {
  history.scrollRestoration = "manual";
  return {
    path: () => location.pathname,
    hash: () => location.hash,
    push: (url) => history.pushState({}, "", url),
    replace: (url) => history.replaceState({}, "", url),
    back: () => history.back(),
    load: (url) => location.assign(url),
    onMoved: (listener) => addEventListener("popstate", listener),
  };
}
