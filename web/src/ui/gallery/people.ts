// The people of the gallery, and helpers to put them somewhere.

import type { Authority } from "../../protocol/Authority";
import type { CardDoor } from "../../protocol/CardDoor";
import type { Face } from "../../protocol/Face";
import type { Handle } from "../../protocol/Handle";
import type { Me } from "../../protocol/Me";
import type { Mic } from "../../protocol/Mic";
import type { ParticipantId } from "../../protocol/ParticipantId";
import type { Person } from "../../protocol/Person";
import type { PictureId } from "../../protocol/PictureId";
import type { Profile } from "../../protocol/Profile";
import type { ProfilePage } from "../../protocol/ProfilePage";
import type { RoomCard } from "../../protocol/RoomCard";

export const id = (n: number): ParticipantId => n as ParticipantId;
export const ME_ID = id(100);

export const me: Me = {
  id: "m1" as Me["id"],
  name: "Ann",
  handle: "ann",
  role: "member",
  session: "s1" as Me["session"],
  passkeys: 1,
  recovery_codes: 8,
  invites_left: 3,
  cut_off: 0,
  reports_decided: 0,
  reports_open: 0,
  newcomer: false,
  picture: null,
  speaks: ["en", "nl"],
  understands: ["de"],
};

/** What lies beside the gallery's page. */
export const FACE = "face.svg" as PictureId;

export function person(n: number, name: string, more: Partial<Person> = {}): Person {
  return {
    id: id(n),
    name,
    handle: name.toLowerCase().replaceAll(" ", "."),
    guest_of: null,
    authority: "member",
    place: { at: "audience" },
    presence: "here",
    followed_by_speakers: false,
    newcomer: false,
    picture: null,
    ...more,
  };
}

export const onStage = (n: number, name: string, mic: Mic, authority: Authority = "member", more: Partial<Person> = {}): Person =>
  person(n, name, { place: { at: "stage", mic }, authority, ...more });

export const STAGE: readonly Person[] = [
  onStage(1, "Marta", "open", "owner", { picture: FACE }),
  onStage(2, "Ильдар", "open"),
  onStage(3, "Jo", "muted", "moderator", { picture: FACE }),
  onStage(4, "ليلى", "open", "member", { newcomer: true }),
  onStage(5, "Maximiliane von Hohenfels-Castellane", "muted"),
  onStage(6, "Sam", "held", "guest", { handle: null, guest_of: "Marta" }),
  onStage(7, "Teun", "muted", "member", { presence: "reconnecting", picture: FACE }),
];

export const FOLLOWED = ["Bruno", "Nadia", "Катя", "Lea"].map((name, n) => person(20 + n, name, { followed_by_speakers: true }));
export const OTHERS = ["Oskar", "Yasmin", "Дамир", "Pia", "Ibrahim", "Vera", "Tom", "Rosa", "Aiko", "田中"].map((name, n) => person(40 + n, name, { newcomer: n % 5 === 1 }));

/** A full house, all of them shown: four times the names, by a letter each. */
export const HUNDREDS = ["A", "B", "C", "D", "E", "F", "G", "H"].flatMap((letter, nth) =>
  ["Amira", "Bela", "Cleo", "Dario", "Ewa", "Finn", "Gita", "Hugo", "Inés", "Jonas", "Кира", "Lars", "Mina", "Noor", "Olli", "Pablo", "Quinn", "Rita", "Sven", "Тая", "Uma", "Viktor", "Wanda", "Xenia", "Yuki", "Zoë", "ليث", "מאיה", "陽子", "Þóra"].map(
    (name, n) => person(1_000 + 100 * nth + n, `${name} ${letter}.`),
  ),
);

export const face = (name: string, speaking = false): Face => ({ name, handle: name.toLowerCase(), speaking, picture: name === "Marta" ? FACE : null });

export function card(n: number, title: string | null, faces: readonly Face[], more: Partial<RoomCard> = {}): RoomCard {
  return {
    room: `room${n}` as RoomCard["room"],
    title,
    kind: "open",
    club: null,
    faces: [...faces],
    on_stage: faces.length,
    in_audience: 5,
    followed_on_stage: 0,
    followed_in_audience: 0,
    language: null,
    liveliness: 5,
    asked_by: null,
    door: "open",
    event: null,
    ...more,
  };
}

const DOORS: { readonly [Which in CardDoor]: RoomCard } = {
  open: card(3, "Чай без повода", [face("Катя"), face("Дамир")], { liveliness: 5, language: "ru" }),
  locked: card(5, null, [face("Bruno", true), face("Aiko")], { door: "locked", liveliness: 30 }),
  full: card(6, "Everybody at once", [face("Pia", true), face("Tom", true)], { door: "full", in_audience: 998, liveliness: 70 }),
};

export const CARDS: readonly RoomCard[] = [
  card(4, "Sunday rehearsal, second violins only please", [face("Lea", true), face("Maximiliane")], { kind: "closed", asked_by: "Lea", liveliness: 50, in_audience: 4 }),
  card(1, "What the harbour sounds like at four in the morning", [face("Marta", true), face("Ильдар", true), face("Jo"), face("ليلى")], { on_stage: 7, in_audience: 1284, liveliness: 90, followed_on_stage: 2 }),
  card(2, "Bread, second attempt", [face("Jo", true), face("Teun"), face("Nadia")], { kind: "social", in_audience: 18, liveliness: 45, followed_in_audience: 3 }),
  ...Object.values(DOORS),
];

export const ALL_INVITED: Handle[] = ["teun", "maximiliane.von.hohenfels"];

export const profile = (name: string, more: Partial<Profile> = {}): Profile => ({
  handle: name.toLowerCase().replaceAll(" ", "."),
  name,
  invited_by: "marta",
  followed: false,
  follows_me: false,
  blocked: false,
  picture: name === "Jo" ? FACE : null,
  ...more,
});

export const page = (shown: Profile, more: Partial<ProfilePage> = {}): ProfilePage => ({
  profile: shown,
  introduction: {
    bio: "I play the bassoon, mostly where nobody asked for it.\n\nAlso: bread, ferries, old radios.",
    pronunciation: "yo, like the exclamation",
    speaks: ["nl", "en"],
    understands: ["de", "ar"],
    nominator: "shown",
  },
  since_day: 20_000,
  newcomer: false,
  bell: shown.followed && shown.name === "Marta",
  followers: 1284,
  following: 61,
  mutuals: 5,
  mutuals_shown: PROFILES.slice(0, 3),
  ...more,
});

export const PROFILES: readonly Profile[] = [
  profile("Marta", { invited_by: null, followed: true }),
  profile("Ильдар", { follows_me: true }),
  profile("Jo", { followed: true, follows_me: true }),
  profile("ليلى"),
  profile("Maximiliane von Hohenfels-Castellane"),
  profile("Teun"),
];
