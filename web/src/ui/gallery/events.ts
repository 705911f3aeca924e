// Events of the gallery.

import type { Event } from "../../protocol/Event";
import type { EventId } from "../../protocol/EventId";
import { profile } from "./people";
import { DAY } from "./time";

const HOUR = 3_600_000;
/** Seven in the evening of the gallery's day, in UTC. */
const SEVEN = DAY * 24 * HOUR + 19 * HOUR;

const named = (name: string, part: Event["people"][number]["part"]): Event["people"][number] => ({ handle: profile(name).handle, name, picture: null, part });

export const event = (n: number, more: Partial<Event> = {}): Event => ({
  id: `event${n}` as EventId,
  title: "Poems at the kitchen table",
  description: "Bring one of your own, or one that you wish were.\nTea is on us.",
  kind: "open",
  languages: ["en", "nl"],
  start: SEVEN,
  zone: "Europe/Amsterdam",
  minutes: 90,
  repeat: "once",
  then: [],
  state: "announced",
  sequence: 0,
  people: [named("Marta", "host"), named("Jo", "co_host"), named("Maximiliane von Hohenfels-Castellane", "speaker"), named("ليلى", "speaker")],
  going: 12,
  my_part: null,
  my_going: "no",
  news: [],
  ...more,
});

export const EVENTS = [
  event(1),
  event(2, { title: "Was der Hafen um vier Uhr morgens erzählt, und wer dabei zuhört", start: SEVEN + 26 * HOUR, my_part: "speaker", repeat: "weekly", then: [1, 2, 3].map((week) => SEVEN + (26 + week * 168) * HOUR), going: 1_284 }),
  event(3, { title: "وقت الشاي", start: SEVEN + 50 * HOUR, state: "called_off", my_going: "yes" }),
  event(4, { title: "House meeting", start: SEVEN + 240 * HOUR, kind: "closed", my_part: "host", my_going: "yes", going: 0 }),
] as const;
