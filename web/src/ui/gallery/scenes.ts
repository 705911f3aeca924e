// Every screen and state, by name. What a type lists is in `states.ts`.

import { ALL_INVITED, CARDS, FACE, HUNDREDS, id, ME_ID, me, OTHERS, profile, STAGE } from "./people";
import { board, door, facts, hall, inRoom, inside, listening, moderating, outside, preview, press, room, type Scene, type Step, said, scene, server, settings, talking, write, writing } from "./scene";
import type { GuestLink } from "../../protocol/GuestLink";
import type { GuestSeat } from "../../protocol/GuestSeat";
import type { SeatId } from "../../protocol/SeatId";
import type { ClubId } from "../../protocol/ClubId";
import type { OrderPage } from "../../protocol/OrderPage";
import type { ReportNumber } from "../../protocol/ReportNumber";
import type { Spoke } from "../../session/spoke";
import { ALONE, type Pinged } from "../../session/talks";
import type { AvailablePerson } from "../../protocol/AvailablePerson";
import type { TalkAsk } from "../../protocol/TalkAsk";
import { event, EVENTS } from "./events";
import { STATES } from "./states";
import { DAY, now } from "./time";

const claimed = [write("Name your server", "Kitchen Radio"), ...press("Next")];
const named = [...claimed, write("What shall people call you?", "Marta"), ...press("Open the house")];
const invited = [write("What shall people call you?", "Ann"), ...press("Come in")];

const SEAT: GuestSeat = { name: "Sam", guest_of: "Maximiliane von Hohenfels-Castellane", title: "What the harbour sounds like at four in the morning", server: "Kitchen Radio" };
const GIVEN = (["open", "here", "away", "taken_back", "lapsed"] as const).map((state, n): GuestLink => ({ seat: `seat${n}` as SeatId, name: ["Sam", "Maximiliane von Hohenfels-Castellane"][n] ?? null, state, until: DAY * 86_400_000 + 21 * 3_600_000 }));

const owner = { ...me, role: "owner" as const, reports_open: 57 };
const ORDER: OrderPage = {
  reports: [
    { number: 481516 as ReportNumber, reporter: "marta", reported: "maximiliane.von.hohenfels", reason: "threats", day: DAY - 1, heard: ["jo", "teun"] },
    { number: 234299 as ReportNumber, reporter: null, reported: "oskar", reason: "impersonation", day: DAY, heard: [] },
    { number: 108042 as ReportNumber, reporter: "teun", reported: "kofi", reason: "other", day: DAY, heard: ["jo"] },
    { number: 151623 as ReportNumber, reporter: "jo", reported: null, reason: "spam", day: DAY, heard: [] },
  ],
  suspended: [{ handle: "pia", name: "Pia" }],
  paused: [{ handle: "maximiliane.von.hohenfels", name: "Maximiliane von Hohenfels-Castellane" }],
  protected: [{ handle: "noor", name: "Noor" }],
  counts: { reports: 1284, acted_on: 311, nothing_done: 916, suspensions: 12, pauses: 3, open: 57, suspended: 1, paused: 1, protected: 1 },
  put_out: 40,
};
const ordering = (...steps: readonly Step[]): Scene => ({ ...scene("/settings/order", () => inside({ me: owner }), { order: ORDER }), steps });

const AT_NINE = DAY * 86_400_000 + 21 * 3_600_000;
const PINGED: readonly Pinged[] = [0, 1].map((n) => ({ key: n, by: { handle: ["jo", "maximiliane.von.hohenfels"][n] ?? "jo", name: ["Jo", "Maximiliane von Hohenfels-Castellane"][n] ?? "Jo", picture: null }, card: CARDS[n + 1] ?? CARDS[0]! }));
const asks = (name: string): TalkAsk => ({ who: { handle: profile(name).handle, name, picture: null }, until: AT_NINE });
const AVAILABLE: readonly AvailablePerson[] = [
  { who: asks("Jo").who, ask: "yes" },
  { who: asks("Maximiliane von Hohenfels-Castellane").who, ask: "yes" },
  { who: asks("Teun").who, ask: "asked" },
];

const BLOCKED = [profile("Marta"), profile("Maximiliane von Hohenfels-Castellane")];

const SCREENS: Readonly<Record<string, Scene>> = {
  "claim": outside("/o#t", { door: { ...door, name: null, state: "waiting_for_owner" } }),
  "claim-you": outside("/o#t", { steps: claimed }),
  "claim-key": outside("/o#t", { steps: named }),
  "claim-invite": outside("/o#t", { steps: [...named, ...press("Later", "Make three links")] }),
  "invitation": outside("/i#t", { preview }),
  "invitation-key": outside("/i#t", { preview, steps: invited }),
  "invitation-live": outside("/i#t", { preview, steps: invited, then: { hallway: CARDS } }),
  "invitation-codes": outside("/i#t", { preview, steps: [...invited, ...press("Recovery codes instead")] }),
  "invitation-spent": outside("/i#t", { preview: "link_spent" }),
  "sign-in-recovery": outside("/", { steps: press("Use a recovery code") }),
  "sign-in-device": outside("/", { steps: press("Use another device") }),
  "sign-in-refused": outside("/", { steps: press("Continue with a passkey") }),
  "sign-in-insecure": outside("/", { insecure: true }),
  "sign-in-link": outside("/l#t"),
  "sign-in-link-spent": outside("/l#t", { linkError: "link_spent", steps: press("Sign in here") }),
  "hallway-empty": hall({ hallway: [] }),
  "hallway-stranded": hall({ me: { ...me, passkeys: 0, recovery_codes: 0 } }),
  "hallway-moved": hall({ me: { ...me, role: "owner", cut_off: 3 } }),
  "hallway-decided": hall({ me: { ...me, reports_decided: 2 } }),
  "hallway-order": hall({ me: owner }),
  "hallway-first-steps": hall({ me: { ...me, role: "owner", passkeys: 0, recovery_codes: 0 }, hallway: [] }, { door: { ...door, public_url: "http://localhost:8080" } }),
  "hallway-draining": hall({ drainingAt: now() + 12_000 }),
  "hallway-docked": scene("/", () => inside({ room: talking("open") })),
  "hallway-available": hall({ company: { ...ALONE.company, available_until: AT_NINE, available: [...AVAILABLE] } }),
  "hallway-asking": hall({ company: { ...ALONE.company, available: [...AVAILABLE] } }, { steps: press("Ask Jo") }),
  "hallway-asked": hall({ company: { ...ALONE.company, available_until: AT_NINE, asked_by: [asks("Jo"), asks("Maximiliane von Hohenfels-Castellane"), asks("ليلى")] } }),
  "hallway-arrived": hall({ company: { ...ALONE.company, arrived: [asks("ليلى").who] } }),
  "hallway-talks-over": hall({ talksOver: (["not_now", "no_answer", "gone", "taken_back"] as const).map((why, key) => ({ key, why, who: asks(["Jo", "Maximiliane von Hohenfels-Castellane", "Teun", "ليلى"][key] ?? "Jo").who })) }),
  "hallway-pinged": hall({ pinged: PINGED }),
  "hallway-ping-muted": hall({ pinged: PINGED }, { steps: press("No more pings from Jo") }),
  "room-pinged": inRoom(listening, { pinged: PINGED }),
  "invitation-asked": outside("/i#t", { preview, steps: invited, then: { company: { ...ALONE.company, asked_by: [asks("Marta")] } } }),
  "hallway-events": hall({ hallway: [{ ...CARDS[1], event: EVENTS[0].id } as (typeof CARDS)[number], ...CARDS.slice(2)] }, { events: EVENTS }),
  "hallway-event-news": hall({}, { events: [{ ...EVENTS[0], my_going: "yes", news: ["time", "people"] }, { ...EVENTS[1], my_part: "speaker", news: ["named"] }, event(5, { start: DAY * 86_400_000 + 600_000, my_going: "yes", title: "Breakfast with the birds" })] }),
  "events": scene("/events", () => inside(), { events: EVENTS }),
  "events-none": scene("/events", () => inside()),
  "events-calendar": scene("/events", () => inside(), { events: EVENTS, steps: press("Make an address") }),
  "event": scene(`/e/${EVENTS[0].id}`, () => inside(), { events: EVENTS }),
  "event-coming": scene(`/e/${EVENTS[0].id}`, () => inside(), { events: EVENTS, steps: press("I'd like to come") }),
  "event-speaker": scene(`/e/${EVENTS[1].id}`, () => inside(), { events: EVENTS }),
  "event-called-off": scene(`/e/${EVENTS[2].id}`, () => inside(), { events: EVENTS }),
  "event-host": scene(`/e/${EVENTS[3].id}`, () => inside(), { events: EVENTS, steps: press("Call it off") }),
  "event-change": scene(`/e/${EVENTS[3].id}`, () => inside(), { events: EVENTS, steps: press("Change it") }),
  "event-opens": scene("/e/event6", () => inside({ hallway: [] }), { events: [event(6, { start: DAY * 86_400_000 + 600_000, my_part: "host" })] }),
  "event-late": scene("/e/event7", () => inside({ hallway: [] }), { events: [event(7, { start: DAY * 86_400_000 - 600_000 })] }),
  "event-on": scene("/e/event6", () => inside({ hallway: [{ ...CARDS[1], event: "event6" } as (typeof CARDS)[number]] }), { events: [event(6, { start: DAY * 86_400_000 - 600_000 })] }),
  "event-gone": scene("/e/none", () => inside()),
  "announce": scene("/events/new", () => inside()),
  "announce-past": scene("/events/new", () => inside(), { steps: [write("What is it about", "Tea"), ...press("Announce an event")], failing: "start_past" }),
  "room-green": inRoom(() => moderating({ facts: { ...facts, kind: "closed", event: { id: EVENTS[0].id, kind: "open" } } })),
  "hallway-insecure": hall({}, { insecure: true }),
  "hallway-hiding": hall({}, { steps: press("Hide: What the harbour sounds like at four in the morning") }),
  "hallway-topic": hall({}, { steps: press("Hide: What the harbour sounds like at four in the morning", "Hide its topic, too") }),
  "hallway-topic-hidden": hall({}, { steps: [...press("Hide: What the harbour sounds like at four in the morning", "Hide its topic, too"), { key: "Enter" }] }),
  "hallway-new-rooms": hall({ hallway: CARDS.slice(1) }, { steps: [{ scroll: "down" }], then: { hallway: CARDS } }),
  "start": hall({}, { steps: press("Start a room") }),
  "start-closed": hall({}, { steps: [...press("Start a room", "Only people I pick"), write("Name or handle", "m")] }),
  "start-closed-failed": hall({}, { steps: [...press("Start a room", "Only people I pick"), write("Name or handle", "m")], failing: "busy" }),
  "start-closed-nobody": hall({}, { steps: press("Start a room", "Only people I pick") }),
  "room-quiet": inRoom(() => listening({ slots: [null, null, null] })),
  "room-empty-stage": inRoom(() => listening({ facts: { ...facts, on_stage: 0 }, slots: [null, null, null], people: new Map(OTHERS.map((one) => [one.id, one])) })),
  "room-hundreds": inRoom(() => listening({ facts: { ...facts, in_audience: HUNDREDS.length }, people: new Map([...STAGE, ...HUNDREDS].map((one) => [one.id, one])) })),
  "room-asked-tried": inRoom(() => room({ at: "invited", by: id(1), until: Date.now() + 48_000 }, "member"), {}, { steps: press("Try it first") }),
  "room-silenced": inRoom(listening, { volumes: new Map([["marta", 0], ["jo", 0.4]]) }),
  "room-speaking-muted": inRoom(() => talking("muted", "member", { mutedButSpeaking: true })),
  "room-restarted": inRoom(() => listening({ restarted: true })),
  "room-draining": inRoom(listening, { drainingAt: now() + 12_000 }),
  "room-newer": inRoom(listening, { server: { ...server, bundle: "y" } }),
  "room-insecure": inRoom(() => talking("muted", "member", { microphone: { is: "missing" } }), {}, { insecure: true }),
  "room-reacting": inRoom(listening, {}, { steps: press("React", "Applause", "Heart") }),
  "room-take-over": inRoom(() => ({ ...talking("muted"), you: { id: ME_ID, authority: "member", place: { at: "stage", mic: "muted" }, bans_from_club: false, may_raise_hand: false, asked_to_take_over: Date.now() + 30_000, note: { topic: null, language: null } } })),
  "moderator-no-hands": inRoom(() => talking("open", "owner"), {}, { steps: press("0 hands raised") }),
  "room-hand-writing": inRoom(() => room({ at: "hand_raised", since: Date.now(), position: 2 }, "member"), {}, { steps: press("Add a topic") }),
  "room-hand-topic": inRoom(() => {
    const mine = room({ at: "hand_raised", since: Date.now(), position: 2 }, "member");
    return { ...mine, you: { ...mine.you, note: { topic: "Who feeds the harbour cats, and what they said about it", language: "nl" } } };
  }),
  "room-board": inRoom(() => listening({ board: board() })),
  "room-board-away": inRoom(() => listening({ board: board() }), {}, { steps: press("Put the card away") }),
  "moderator-card": inRoom(() => moderating({ board: board() }), {}, { steps: press("This room", "Pinned card") }),
  "moderator-card-wrong": inRoom(moderating, {}, { steps: [...press("This room", "Pinned card"), write("What it says", "The boats of today"), write("Link, if there is one", "boats today"), ...press("Pin it up")] }),
  "room-chat": inRoom(() => listening(writing())),
  "room-chat-empty": inRoom(() => listening(writing({ chat: [] }))),
  "moderator-chat": inRoom(() => moderating(writing())),
  "moderator-talked": inRoom(moderating, {}, { steps: press("This room", "Who talked how long") }),
  "moderator-line": inRoom(moderating, {}, { steps: press("Place 3: move Aiko in line") }),
  "moderator-person": inRoom(moderating, {}, { steps: press("Ильдар") }),
  "moderator-listener": inRoom(moderating, {}, { steps: press("Oskar") }),
  "moderator-menu": inRoom(moderating, {}, { steps: press("This room") }),
  "moderator-invite": inRoom(() => moderating({ asked: ALL_INVITED }), {}, { steps: press("Invite somebody") }),
  "moderator-guests": inRoom(moderating, {}, { guests: GIVEN, steps: [...press("Invite somebody"), write("What the guest is called", "Sam"), ...press("Make a link")] }),
  "guest-door": outside("/g", { guest: SEAT }),
  "guest-trying": outside("/g", { guest: SEAT, steps: press("Try the microphone") }),
  "guest-spent": outside("/g", { guest: "link_spent" }),
  "guest-used": outside("/g", { guest: "not_now" }),
  "guest-asked": inRoom(() => room({ at: "invited", by: id(1), until: Date.now() + 48_000 }, "guest"), { me: null }, { guest: SEAT }),
  "guest-room": inRoom(() => talking("open", "guest"), { me: null }, { guest: SEAT }),
  "guest-person": inRoom(() => talking("open", "guest"), { me: null }, { guest: SEAT, steps: press("Marta") }),
  "moderator-timed-out": inRoom(() => moderating(said({ notice: "removed", who: OTHERS[0]?.id ?? ME_ID, name: "Oskar", by: ME_ID, until: Date.now() + 8_500, back: Date.now() + 598_500 }))),
  "moderator-removed": inRoom(() => moderating(said({ notice: "removed", who: OTHERS[0]?.id ?? ME_ID, name: "Oskar", by: ME_ID, until: Date.now() + 8_500, back: null }))),
  "moderator-refused": inRoom(moderating, {}, { steps: press("Ильдар", "Hand the room over") }),
  "moderator-leaving": inRoom(() => alone(moderating()), {}, { steps: press("Leave quietly") }),
  "person": inRoom(listening, {}, { steps: press("Marta") }),
  "person-mine": inRoom(listening, {}, { steps: press("Ann") }),
  "person-mine-stage": inRoom(() => talking("open"), {}, { steps: press("Ann") }),
  "menu": inRoom(listening, {}, { steps: press("This room") }),
  "menu-stage": inRoom(() => talking("muted"), {}, { steps: press("This room") }),
  "invite": inRoom(listening, {}, { steps: press("Invite somebody") }),
  "invite-link": inRoom(listening, {}, { steps: press("Invite somebody", "Invite somebody new") }),
  "invite-closed": inRoom(() => listening({ facts: { ...facts, kind: "closed" } }), {}, { steps: press("Invite somebody") }),
  "report": inRoom(listening, {}, { steps: press("Marta", "Report") }),
  "report-chosen": inRoom(listening, {}, { steps: press("Marta", "Report", "Threats") }),
  "report-sent": inRoom(listening, {}, { steps: press("Marta", "Report", "Threats", "Report") }),
  "recent": inRoom(() => listening({ spoke: SPOKE() }), {}, { steps: press("This room", "Who spoke lately") }),
  "recent-nobody": inRoom(listening, {}, { steps: press("This room", "Who spoke lately") }),
  "help": inRoom(listening, {}, { steps: [{ key: "?" }] }),
  "people": scene("/people", () => inside(), { steps: [write("Name or handle", "m")] }),
  "people-menu": scene("/people", () => inside(), { steps: [write("Name or handle", "m"), ...press("More about Marta")] }),
  "people-block": scene("/people", () => inside(), { steps: [write("Name or handle", "m"), ...press("More about Max", "Block")] }),
  "profile-blocked": scene("/people/jo", () => inside(), { steps: press("Block", "Block Jo") }),
  "people-failed": scene("/people", () => inside(), { steps: [write("Name or handle", "m")], failing: "busy" }),
  "people-suggested": scene("/people", () => inside()),
  "profile": scene("/people/jo", () => inside()),
  "profile-newcomer": scene("/people/teun", () => inside()),
  "profile-mine": scene("/people/ann", () => inside()),
  "profile-edit": scene("/people/ann", () => inside(), { steps: press("Edit profile") }),
  "followers": scene("/people/jo/followers", () => inside()),
  "following-nobody": scene("/people/jo/following", () => inside()),
  "hallway-club": hall({ hallway: CARDS.map((card, n) => (n === 1 ? { ...card, kind: "club" as const, club: { id: "c1" as ClubId, name: "Early birds of the northern harbour and its ferries", picture: FACE, mine: true } } : card)) }),
  "room-club-admin": inRoom(() => listening({ facts: { ...facts, kind: "club", club: { id: "c1" as ClubId, name: "Early birds of the northern harbour" } }, you: { ...listening().you, bans_from_club: true } }), {}, { steps: press("Oskar") }),
  "start-club": scene("/clubs/c1", () => inside(), { steps: press("Start a room") }),
  "clubs": scene("/clubs", () => inside()),
  "clubs-none": scene("/clubs", () => inside(), { clubs: [] }),
  "clubs-found": scene("/clubs", () => inside(), { steps: [write("Name of a club", "e")] }),
  "clubs-failed": scene("/clubs", () => inside(), { failing: "busy" }),
  "club-new": scene("/clubs/new", () => inside()),
  "club-new-taken": scene("/clubs/new", () => inside(), { failing: "name_taken", steps: [write("Name", "Early birds"), ...press("Start the club")] }),
  "club-owner": scene("/clubs/c1", () => inside()),
  "club-owner-person": scene("/clubs/c1", () => inside(), { steps: press("More about Teun") }),
  "club-letting-in": scene("/clubs/c1", () => inside(), { steps: press("Let in: Jo") }),
  "club-edit": scene("/clubs/c1", () => inside(), { steps: press("Change the club") }),
  "club-inviting": scene("/clubs/c1", () => inside(), { steps: press("Invite people") }),
  "club-member": scene("/clubs/c2", () => inside()),
  "club-leaving": scene("/clubs/c2", () => inside(), { steps: press("Leave the club") }),
  "club-invited": scene("/clubs/c3", () => inside()),
  "club-stranger": scene("/clubs/c4", () => inside()),
  "club-joining": scene("/clubs/c4", () => inside(), { steps: press("Ask to join") }),
  "club-asking": scene("/clubs/c5", () => inside()),
  "settings-you": settings("you"),
  "settings-you-picture": scene("/settings/you", () => inside({ me: { ...me, picture: FACE } })),
  "settings-you-stuck": { ...settings("you", ...press("Sign out on this device")), failing: "busy" },
  "settings-sound": settings("sound"),
  "settings-sound-tried": settings("sound", ...press("Try it")),
  "settings-sound-denied": { ...settings("sound", ...press("Try it")), microphone: "denied" },
  "settings-sound-missing": { ...settings("sound", ...press("Try it")), microphone: "missing" },
  "settings-look": settings("look"),
  "settings-contrast": settings("look", ...press("More")),
  "settings-notices": settings("notices"),
  "settings-notices-on": { ...settings("notices", ...press("Send me one")), push: { wishes: { bells: "on", asks: "on", events: "on", quiet: { from: 1320, until: 450, zone: 120 } }, here: true, devices: 3, server_key: "BNcR" } },
  "settings-notices-denied": { ...settings("notices"), pushable: "denied" },
  "settings-notices-install": { ...settings("notices"), pushable: "install" },
  "settings-notices-failed": { ...settings("notices"), failing: "busy" },
  "settings-keys": settings("keys"),
  "settings-codes": settings("signing-in", ...press("Make new codes")),
  "settings-devices": settings("devices", ...press("Make a link")),
  "settings-invitations": settings("invitations", ...press("Make a link")),
  "room-blocked": inRoom(listening, {}, { blocks: BLOCKED }),
  "person-blocked": inRoom(listening, {}, { blocks: BLOCKED, steps: press("Marta") }),
  "settings-blocks": { ...settings("blocks"), blocks: BLOCKED },
  "settings-muted": scene("/settings/blocks", () => inside({ volumes: new Map([["marta", 0], ["jo", 0.4], ["maximiliane.von.hohenfels", 0]]) })),
  "settings-blocks-none": settings("blocks"),
  "settings-reports": settings("reports"),
  "settings-order": ordering(),
  "settings-order-none": scene("/settings/order", () => inside({ me: { ...owner, reports_open: 0 } })),
  "settings-order-decide": ordering(...press("Decide about")),
  "settings-order-suspend": ordering(...press("Decide about"), ...press("Suspend")),
  "settings-order-named": ordering(write("Suspend by handle", "@teun"), ...press("Go on and suspend")),
  "settings-order-protect": ordering(write("Protect by handle", "@noor"), ...press("Go on and protect")),
  "settings-order-mistyped": ordering(write("Suspend by handle", "no such person!"), ...press("Go on and suspend")),
  "settings-order-failed": { ...ordering(), failing: "busy" },
  "settings-order-not-owner": settings("order"),
  "settings-kept": settings("kept"),
  "settings-kept-owner": scene("/settings/kept", () => inside({ me: { ...me, role: "owner" } })),
  "settings-kept-failed": { ...settings("kept"), failing: "busy" },
  "settings-kept-typed": settings("kept", write("Type @ann to go on", "ann")),
  "erased": settings("kept", write("Type @ann to go on", "ann"), ...press("Erase my account for good")),
  "settings-docked": scene("/settings/sound", () => inside({ room: talking("muted"), volumes: new Map([["marta", 0.4], ["oskar", 0]]) })),
  "nowhere": scene("/nothing/here", () => inside()),
};

/** Somebody who is here, somebody who left, and a guest who did. */
function SPOKE(): Spoke[] {
  const [marta] = STAGE;
  return [
    ...(marta ? [{ id: marta.id, name: marta.name, handle: marta.handle, at: now() }] : []),
    { id: id(901), name: "Maximiliane von Hohenfels-Langenscheidt", handle: "maximiliane.von.hohenfels", at: now() - 60_000 },
    { id: id(902), name: "نور", handle: null, at: now() - 300_000 },
  ];
}

/** Nobody else keeps order. */
function alone(mine: ReturnType<typeof room>): ReturnType<typeof room> {
  const people = [...mine.people].map(([key, one]) => [key, one.id === ME_ID || one.authority === "guest" ? one : { ...one, authority: "member" as const }] as const);
  return { ...mine, people: new Map(people) };
}

/** Each once, under its first name. */
export const SCENES: ReadonlyMap<string, Scene> = new Map(
  [...new Map(Object.entries({ ...STATES, ...SCREENS }).reverse().map(([name, scene]) => [scene, name]))].reverse().map(([scene, name]) => [name, scene]),
);
