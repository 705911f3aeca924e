import { tick } from "svelte";
import type { Place } from "./place";
import { href, parse, type Route } from "./router";

/** How a navigation changes the history. */
export type Step = "push" | "replace";

/** The new screen stands in this page, or a fresh page is loaded for it. */
export type Next = "shown" | "loaded";

/** The route on screen. Knows nothing of rooms: the audio session lives outside the routes. */
export class Navigation {
  route: Route = $state.raw({ at: "hallway" });
  readonly #place: Place;
  readonly #scrolls = new Map<string, number>();
  #moved = 0;
  /** Asked before a new route: shown in this page, or by loading a fresh one. */
  step: () => Next = () => "shown";
  /** Called when the new screen stands and has the focus. */
  arrived: (title: string) => void = () => {};

  constructor(place: Place) {
    this.#place = place;
    this.route = parse(place.path(), place.hash());
    place.onMoved(() => this.#show(parse(place.path(), place.hash()), this.#scrolls.get(place.path()) ?? 0));
  }

  /** How many screens this visit has shown before the present one. */
  get depth(): number {
    return this.#moved;
  }

  /** Whatever was meant to happen on the new screen must not begin when the answer is "loaded": this page is going. */
  go(route: Route, step: Step = "push"): Next {
    const url = href(route);
    const next = this.step();
    if (next === "loaded") {
      this.#place.load(url);
      return next;
    }
    this.#scrolls.set(this.#place.path(), scrollY);
    if (step === "push") {
      this.#place.push(url);
      this.#moved += 1;
    } else {
      this.#place.replace(url);
    }
    this.#show(route, 0);
    return next;
  }

  /** Back where the person came from, or to `otherwise` when they came from outside. */
  back(otherwise: Route): void {
    if (this.#moved > 0) {
      this.#moved -= 1;
      this.#place.back();
    } else {
      this.go(otherwise, "replace");
    }
  }

  /** Turns plain clicks on links of this origin into navigations. */
  readonly clicked = (event: MouseEvent): void => {
    if (event.defaultPrevented || event.button !== 0) return;
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const link = event.target instanceof Element ? event.target.closest("a") : null;
    if (!link || link.target !== "" || link.hasAttribute("download") || link.origin !== location.origin) return;
    event.preventDefault();
    this.go(parse(link.pathname, link.hash));
  };

  #show(route: Route, scroll: number): void {
    const within = this.route.at === route.at;
    this.route = route;
    void tick().then(() => {
      scrollTo(0, scroll);
      // Another part of the same screen: what stands around it was read before.
      const part = within ? document.querySelector<HTMLElement>("main [data-part]") : null;
      const arrival = part ?? document.querySelector<HTMLElement>("main h1");
      arrival?.focus({ preventScroll: true });
      this.arrived(part?.getAttribute("aria-label") ?? arrival?.textContent?.trim() ?? "");
    });
  }
}
