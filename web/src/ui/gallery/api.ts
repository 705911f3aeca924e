// The HTTP API of the gallery: everything works, nothing is kept.

import type { Api, Result } from "../../app/api";
import type { Event } from "../../protocol/Event";
import type { EventDraft } from "../../protocol/EventDraft";
import type { EventId } from "../../protocol/EventId";
import type { Invite } from "../../protocol/Invite";
import type { Kept } from "../../protocol/Kept";
import type { InviteState } from "../../protocol/InviteState";
import type { Me } from "../../protocol/Me";
import type { MyReport } from "../../protocol/MyReport";
import type { NewLink } from "../../protocol/NewLink";
import type { OrderPage } from "../../protocol/OrderPage";
import type { ReportNumber } from "../../protocol/ReportNumber";
import type { Session } from "../../protocol/Session";
import type { ProfilePage } from "../../protocol/ProfilePage";
import type { PushSettings } from "../../protocol/PushSettings";
import type { SignedIn } from "../../protocol/SignedIn";
import { EVENTS } from "./events";
import type { ClubId } from "../../protocol/ClubId";
import { clubPage, clubPeople, CLUBS } from "./clubs";
import { FACE, me, page, PROFILES, profile } from "./people";
import type { Scene } from "./scene";
import { DAY } from "./time";

const ok = <T>(value: T): Promise<Result<T>> => Promise.resolve({ ok: true, value });
const no = (error: "signed_out" | "not_there" | "passkey_refused"): Promise<{ ok: false; error: typeof error }> => Promise.resolve({ ok: false, error });

const invite = (n: number, state: InviteState, more: Partial<Invite>): Invite => ({ id: `i${n}` as Invite["id"], note: null, state, used: 0, uses: 1, expires_day: DAY + 6, accepted_by: [], ...more });
const INVITES: { readonly [Which in InviteState]: Invite } = {
  open: invite(1, "open", { note: "Bo from work" }),
  used: invite(2, "used", { used: 1, expires_day: DAY + 2, accepted_by: ["teun"] }),
  revoked: invite(3, "revoked", { note: "Pia" }),
  expired: invite(4, "expired", { expires_day: DAY - 2 }),
};

const REPORTS: MyReport[] = [
  { number: 1 as ReportNumber, part: "made", reported: "maximiliane.von.hohenfels", reason: "threats", day: DAY - 1, outcome: "open" },
  { number: 2 as ReportNumber, part: "heard", reported: "oskar", reason: "impersonation", day: DAY - 3, outcome: "acted_on" },
  { number: 3 as ReportNumber, part: "made", reported: null, reason: "spam", day: DAY - 9, outcome: "nothing_done" },
];

/** Somebody who has said nothing of themselves yet. */
const NEWCOMER: Partial<ProfilePage> = {
  introduction: { bio: null, pronunciation: null, speaks: [], understands: [], nominator: "shown" },
  since_day: DAY - 4,
  newcomer: true,
  followers: 0,
  following: 1,
  mutuals: 0,
  mutuals_shown: [],
};

const NOTHING: OrderPage = { reports: [], suspended: [], paused: [], protected: [], counts: { reports: 0, acted_on: 0, nothing_done: 0, suspensions: 0, pauses: 0, open: 0, suspended: 0, paused: 0, protected: 0 }, put_out: 0 };

const NOT_HERE: PushSettings = { wishes: { bells: "on", asks: "on", events: "on", quiet: null }, here: false, devices: 0, server_key: "BNcR" };

const SESSIONS: Session[] = [
  { id: "s1" as never, device: "linux", day: DAY, expires_day: DAY + 180, current: true },
  { id: "s2" as never, device: "apple_mobile", day: DAY - 9, expires_day: DAY + 171, current: false },
];

const kept = (mine: Me): Kept => ({
  version: 1,
  picture: mine.picture === null ? null : { id: mine.picture, jpeg: "/api/v1/pictures/face.svg" },
  account: { id: mine.id, handle: mine.handle, handle_looks: "ann", name: mine.name, name_folded: "ann", role: mine.role, invited_by: "marta", invite: "i7Qm4WvTeS0kx2Rb9LpZ3A" as Invite["id"], bio: "I play the bassoon.", pronunciation: null, speaks: ["en", "nl"], understands: ["de"], nominator: "shown", day: DAY - 40, suspended: false, paused: false, protected: false, allowance: 3, allowance_day: DAY - 2 },
  passkeys: [{ id: "p2" as never, credential_id: "hQ7kx2WvTeS0", credential: '{"cred":{"type_":"ES256","key":{"EC_EC2":{"curve":"SECP256R1"}}}}', device: "apple_mobile", day: DAY + 3, domain: "radio.example.org" }],
  sessions: SESSIONS,
  recovery_codes: mine.recovery_codes,
  links: [{ kind: "device", expires: (DAY * 1440 + 1000) * 60_000 }],
  invites: Object.values(INVITES).map(({ id, note, used, uses, expires_day, state }, n) => ({ id, note, used, uses, revoked: state === "revoked", allowance: n % 2 === 0, day: expires_day - 7, expires_day })),
  invited: ["teun"],
  follows: PROFILES.filter(({ followed }) => followed).map(({ handle }) => handle),
  bells: ["marta"],
  wishes: { bells: "on", asks: "off", events: "on", quiet: { from: 1320, until: 450, zone: 120 } },
  push_devices: [{ session: SESSIONS[0]!.id, endpoint: "https://push.example.org/wpush/v2/gAAAAABn", p256dh: "BNcRdreALRFXTkOOUHK1EtK2wtaz5Ry4YfYCA", auth: "tBHItJI5svbpez7KI4CCXg" }],
  blocks: ["maximiliane.von.hohenfels"],
  pings_muted: ["teun"],
  reports: REPORTS.filter(({ part }) => part === "made"),
  heard: REPORTS.filter(({ part }) => part === "heard"),
  clubs: CLUBS.filter(({ standing }) => standing !== "stranger").map(({ id, name, standing, offered }) => ({ club: id, name, standing, day: DAY - 30, offered })),
  club_bans: [{ club: "c9" as ClubId, name: "Night owls", until_day: DAY + 5 }],
  signed: 1,
  events: [{ id: "e1" as EventId, title: "Poems at the kitchen table", description: "Bring one of your own.", kind: "open", languages: ["en"], start: (DAY * 1440 + 1140) * 60_000, first: (DAY * 1440 + 1140) * 60_000, zone: "Europe/Amsterdam", minutes: 60, repeat: "weekly", state: "announced", sequence: 1 }],
  event_parts: [{ event: "e2" as EventId, part: "speaker", news: ["named"] }],
  event_going: [{ event: "e3" as EventId, news: ["time"] }],
  calendars: 1,
  followers: 3,
  copy_until_day: DAY + 21,
});

let links = 0;
function link(): NewLink {
  links += 1;
  const cells = Array.from({ length: 400 }, (_, n) => ((n * 7919 + links * 31) % 5 < 2 ? `M${4 + (n % 25)},${4 + Math.floor(n / 25)}h1v1h-1` : "")).join("");
  return {
    invite: `inv${links}` as NonNullable<NewLink["invite"]>,
    url: `https://radio.example.org/i#k7Qm${links}WvTeS0kx2`,
    qr_svg: `<svg viewBox="0 0 33 33"><path d="${cells}"/></svg>`,
    code: "7KQ4-M2XD",
    expires: Date.now() + 110_000,
  };
}

const eventOf = (draft: EventDraft): Event => ({ ...EVENTS[0], ...draft, people: EVENTS[0].people.slice(0, 1), going: 0, my_part: "host", my_going: "no", news: [], then: [], state: "announced" });
function changed(scene: Scene, id: EventId, part: Partial<Event>): Event {
  return { ...(scene.events?.find((event) => event.id === id) ?? EVENTS[0]), ...part };
}

/** What parts of the page ask by themselves. */
function asked(scene: Scene, what: string): Promise<Result<unknown>> {
  if (what === "POST /guests/look") return typeof scene.guest === "object" ? ok(scene.guest) : Promise.resolve({ ok: false, error: scene.guest ?? "link_spent" });
  if (what === "GET /order") return scene.failing ? Promise.resolve({ ok: false, error: scene.failing }) : ok(scene.order ?? NOTHING);
  if (/^GET .*\/guests$/.test(what)) return ok(scene.guests ?? []);
  return ok(/^POST .*\/guests$/.test(what) ? link() : undefined);
}

export function fakeApi(scene: Scene): Api {
  const mine = scene.state().me ?? me;
  const signedIn: SignedIn = { me: mine, inviter: "marta", room: null, bearer: null };
  const { preview = "link_spent", linkError, failing } = scene;
  return {
    server: () => ok(scene.door),
    me: () => (scene.signedIn ? ok(mine) : no("signed_out")),
    setPicture: () => (failing ? Promise.resolve({ ok: false, error: failing }) : ok({ ...mine, picture: FACE })),
    removePicture: () => (failing ? Promise.resolve({ ok: false, error: failing }) : ok({ ...mine, picture: null })),
    picture: () => Promise.resolve(new Blob()),
    rename: (name) => ok({ ...mine, name }),
    signOut: () => (failing ? Promise.resolve({ ok: false, error: failing }) : ok(undefined)),
    kept: () => (failing ? Promise.resolve({ ok: false, error: failing }) : ok(kept(mine))),
    erase: () => ok(undefined),
    claimServer: () => ok(signedIn),
    previewInvite: () => (typeof preview === "string" ? Promise.resolve({ ok: false, error: preview }) : ok(preview)),
    acceptInvite: () => ok(signedIn),
    signInStart: () => no("passkey_refused"),
    signInFinish: () => no("passkey_refused"),
    signInByCode: () => ok(signedIn),
    signInByLink: () => (linkError ? Promise.resolve({ ok: false, error: linkError }) : ok(signedIn)),
    passkeys: () => ok([{ id: "p1" as never, device: "mac", day: DAY, works: "elsewhere" }, { id: "p2" as never, device: "apple_mobile", day: DAY + 3, works: "here" }]),
    passkeyStart: () => no("passkey_refused"),
    passkeyFinish: () => no("passkey_refused"),
    removePasskey: () => ok(undefined),
    newRecoveryCodes: () => ok({ codes: ["K7QM-X2WV-T9E4", "S0KD-M3XA-91PL", "QWE4-77TR-L0SA", "ZX81-C64A-MIGA", "N0TR-EC0R-D3DX", "V1VA-V0C3-0000", "TEA4-TW0A-AAAA", "H4RB-0UR4-4AM0"] }),
    sessions: () => ok(SESSIONS),
    endSession: () => ok(undefined),
    deviceLink: () => ok(link()),
    invites: () => ok(Object.values(INVITES)),
    newInvite: () => ok(link()),
    revokeInvite: () => ok(undefined),
    call: <T>(method: string, path: string) => asked(scene, `${method} ${path}`) as Promise<Result<T>>,
    block: (handle) => ok({ ...profile(handle), blocked: true }),
    unblock: (handle) => ok(profile(handle)),
    blocks: () => ok([...(scene.blocks ?? [])]),
    events: () => (failing ? Promise.resolve({ ok: false, error: failing }) : ok([...(scene.events ?? [])])),
    event: (id) => {
      const found = scene.events?.find((event) => event.id === id);
      return found ? ok(found) : no("not_there");
    },
    announce: (draft) => (failing ? Promise.resolve({ ok: false, error: failing }) : ok(eventOf(draft))),
    changeEvent: (id, draft) => ok({ ...eventOf(draft), id }),
    callOff: (id) => ok(changed(scene, id, { state: "called_off" })),
    whoComes: () => ok(PROFILES.slice(0, 3)),
    goTo: (id) => ok(changed(scene, id, { my_going: "yes" })),
    stayAway: (id) => ok(changed(scene, id, { my_going: "no" })),
    seeEventNews: (id) => ok(changed(scene, id, { news: [] })),
    stepBack: () => ok(undefined),
    hasCalendar: () => no("not_there"),
    makeCalendar: () => ok({ url: "https://radio.example.org/api/v1/calendars/k7QmWvTeS0kx2Rb9LpZ3Ak7QmWvTeS0kx2Rb9LpZ3AkQ.ics" }),
    dropCalendar: () => ok(undefined),
    hearPings: () => ok(undefined),
    mutePings: () => ok(undefined),
    mutedPings: () => ok([...(scene.blocks ?? [])]),
    reports: () => ok(REPORTS),
    putReportAway: () => ok(undefined),
    clubs: () => (failing ? Promise.resolve({ ok: false, error: failing }) : ok(scene.clubs ?? (scene.at.startsWith("/clubs") ? CLUBS.filter(({ standing }) => standing !== "stranger") : []))),
    findClubs: (find) => ok(CLUBS.filter(({ name }) => name.toLowerCase().includes(find.toLowerCase()))),
    club: (club) => ok(clubPage(club)),
    foundClub: () => (failing ? Promise.resolve({ ok: false, error: failing }) : ok(clubPage("c1" as ClubId))),
    changeClub: (club) => ok(clubPage(club)),
    setClubPicture: (club) => ok(clubPage(club)),
    removeClubPicture: (club) => ok(clubPage(club)),
    joinClub: (club) => ok(clubPage(club)),
    leaveClub: (club) => ok(clubPage(club)),
    followClub: (club) => ok(clubPage(club)),
    takeClubOver: (club) => ok(clubPage(club)),
    refuseClub: (club) => ok(clubPage(club)),
    clubPeople: (club, which) => ok(clubPeople(club, which)),
    actInClub: (club) => ok(clubPage(club)),
    dissolveClub: () => ok(undefined),
    findPeople: (find) => (failing ? Promise.resolve({ ok: false, error: failing }) : ok(PROFILES.filter(({ name }) => name.toLowerCase().includes(find.toLowerCase())))),
    findFollowers: (find) => (failing ? Promise.resolve({ ok: false, error: failing }) : ok(PROFILES.filter(({ name }) => name.toLowerCase().includes(find.toLowerCase())))),
    suggestions: () => ok(scene.failing ? [] : PROFILES.filter(({ followed }) => !followed)),
    profile: (handle) => ok(page(PROFILES.find((one) => one.handle === handle) ?? profile(handle), handle === "teun" ? NEWCOMER : {})),
    introduce: (introduction) => ok(page(profile(mine.name), { introduction })),
    ties: (_, which) => ok(which === "followers" ? [...PROFILES] : []),
    ringBell: (handle) => ok(page(profile(handle, { followed: true }), { bell: true })),
    hushBell: (handle) => ok(page(profile(handle, { followed: true }))),
    push: () => (failing ? Promise.resolve({ ok: false, error: failing }) : ok(scene.push ?? NOT_HERE)),
    wish: () => ok(undefined),
    setPushDevice: () => ok(undefined),
    removePushDevice: () => ok(undefined),
    tryPush: () => ok("sent"),
    follow: (handle) => ok({ ...profile(handle), followed: true }),
    unfollow: (handle) => ok(profile(handle)),
  };
}
