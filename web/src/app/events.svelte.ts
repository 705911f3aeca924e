import type { ErrorCode } from "../protocol/ErrorCode";
import type { Event } from "../protocol/Event";
import type { EventId } from "../protocol/EventId";
import type { Api } from "./api";

/** Events to come, as they were last asked for; every screen that shows them shows these. */
export class Events {
  /** Null until they have come once. */
  all: readonly Event[] | null = $state.raw(null);
  /** Reminders that were read on this page. */
  reminded: ReadonlySet<string> = $state.raw(new Set());
  readonly #api: Pick<Api, "events" | "seeEventNews">;
  #asked = 0;

  constructor(api: Pick<Api, "events" | "seeEventNews">) {
    this.#api = api;
  }

  async load(): Promise<ErrorCode | null> {
    const asked = ++this.#asked;
    const answer = await this.#api.events();
    if (!answer.ok) return answer.error;
    // An answer that was overtaken by a newer question says nothing new.
    if (asked === this.#asked) this.all = answer.value;
    return null;
  }

  /** One of them, as it is now. */
  put(event: Event): void {
    const all = this.all ?? [];
    const known = all.some(({ id }) => id === event.id);
    this.all = (known ? all.map((other) => (other.id === event.id ? event : other)) : [...all, event]).toSorted((one, two) => one.start - two.start);
  }

  drop(id: EventId): void {
    this.all = this.all?.filter((event) => event.id !== id) ?? null;
  }

  /** I have read what changed. */
  async read(event: Event): Promise<void> {
    this.put({ ...event, news: [] });
    const answer = await this.#api.seeEventNews(event.id);
    if (answer.ok) this.put(answer.value);
  }

  remind(event: Event): void {
    this.reminded = new Set([...this.reminded, reminderOf(event)]);
  }
}

/** Of what repeats, each time is reminded of. */
export function reminderOf(event: Event): string {
  return `${event.id} ${event.start}`;
}
