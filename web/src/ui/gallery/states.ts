// A scene for every state that a type lists: a new one does not compile until it can be looked at.

import type { ClubId } from "../../protocol/ClubId";
import type { AudienceShown } from "../../protocol/AudienceShown";
import type { Authority } from "../../protocol/Authority";
import type { Door } from "../../protocol/Door";
import type { DoorState } from "../../protocol/DoorState";
import type { HandPolicy } from "../../protocol/HandPolicy";
import type { LeftReason } from "../../protocol/LeftReason";
import type { Mic } from "../../protocol/Mic";
import type { MyPlace } from "../../protocol/MyPlace";
import type { Notice } from "../../protocol/Notice";
import type { PasskeySupport } from "../../protocol/PasskeySupport";
import type { Phase } from "../../protocol/Phase";
import type { RoomKind } from "../../protocol/RoomKind";
import type { SandboxState } from "../../protocol/SandboxState";
import type { Line, MediaLine, Microphone, Playback } from "../../session/state";
import type { Misses } from "../../session/weakness";
import { FOLLOWED, id, ME_ID, OTHERS, STAGE } from "./people";
import { door, facts, hall, inRoom, inside, listening, moderating, outside, press, ROOM, room, type Scene, said, scene, server, settings, talking } from "./scene";
import { now } from "./time";

type Each<State extends string> = { readonly [Which in State]: Scene };

const hallway = hall({});
const audience = inRoom(listening);
const muted = inRoom(() => talking("muted"));
/** States that are a word or a mark each share a picture. */
const shut = inRoom(() => {
  const mine = listening({ facts: { ...facts, kind: "closed", door: "locked", hands: "off" } });
  return { ...mine, you: { ...mine.you, may_raise_hand: false } };
});
const among = inRoom(() => listening({ facts: { ...facts, kind: "social", hands: "followed_by_speakers" }, media: { is: "none" }, slots: [null, null, null] }));
const since = (): number => now() - 6_000;

const left = (reason: LeftReason): Scene => scene(`/r/${ROOM}`, () => inside({ left: { room: ROOM, reason } }));
const LEFT: Each<LeftReason> = {
  left: left("left"),
  removed: left("removed"),
  time_out: left("time_out"),
  ended: left("ended"),
  lost: left("lost"),
  away: left("away"),
  other_device: left("other_device"),
  signed_out: left("signed_out"),
  too_slow: left("too_slow"),
};

const LINES: Each<Line["is"]> = {
  closed: hall({ line: { is: "closed" }, hallway: [] }),
  connecting: hall({ line: { is: "connecting", since: since() }, hallway: [] }),
  open: hallway,
  lost: hall({ line: { is: "lost", since: since() } }),
  refused: hall({ line: { is: "refused", why: "old_client" } }),
};

const MEDIA: Each<MediaLine["is"]> = {
  none: among,
  connecting: inRoom(() => listening({ media: { is: "connecting", since: since() }, slots: [null, null, null] })),
  live: audience,
  weak: inRoom(() => listening({ media: { is: "weak", misses: "me" } })),
  lost: inRoom(() => listening({ media: { is: "lost", since: since() } })),
};

const weakOnStage = (misses: Misses): Scene => inRoom(() => talking("open", "member", { media: { is: "weak", misses } }));
const WEAK: Each<Misses> = { me: weakOnStage("me"), others: weakOnStage("others"), both: weakOnStage("both") };

const onMicrophone = (microphone: Microphone): Scene => inRoom(() => talking("muted", "member", { microphone, wantedMic: microphone.is === "asking" ? "open" : null }));
const MICROPHONES: Each<Microphone["is"]> = {
  closed: onMicrophone({ is: "closed" }),
  asking: onMicrophone({ is: "asking" }),
  ready: muted,
  denied: onMicrophone({ is: "denied" }),
  missing: onMicrophone({ is: "missing" }),
  interrupted: onMicrophone({ is: "interrupted" }),
};

const PLAYBACKS: Each<Playback> = {
  ok: audience,
  needs_tap: inRoom(() => listening({ playback: "needs_tap" })),
};

const invited: MyPlace = { at: "invited", by: id(1), until: Date.now() + 48_000 };
const PLACES: Each<MyPlace["at"]> = {
  audience,
  hand_raised: inRoom(() => room({ at: "hand_raised", since: Date.now(), position: 4 }, "member")),
  invited: inRoom(() => room(invited, "member")),
  stage: muted,
};

const MICS: Each<Mic> = {
  open: inRoom(() => talking("open")),
  muted,
  held: inRoom(() => talking("held", "member", said({ notice: "held", by: id(3) }))),
};

const AUTHORITIES: Each<Authority> = {
  guest: inRoom(() => room({ at: "audience" }, "guest")),
  member: audience,
  moderator: inRoom(() => talking("muted", "moderator")),
  owner: inRoom(moderating),
};

const PHASES: Each<Phase["is"]> = {
  live: audience,
  waiting: inRoom(() => listening({ facts: { ...facts, phase: { is: "waiting", until: Date.now() + 48_000 } } })),
  moderatorless: inRoom(() => listening({ facts: { ...facts, phase: { is: "moderatorless", until: Date.now() + 540_000 } } })),
  ending: inRoom(() => listening({ facts: { ...facts, phase: { is: "ending", at: Date.now() + 9_000 } } })),
};

const HANDS: Each<HandPolicy> = { off: shut, everyone: audience, followed_by_speakers: among };
const members = inRoom(() => listening({ facts: { ...facts, kind: "club", club: { id: "c1" as ClubId, name: "Early birds" } } }));
const KINDS: Each<RoomKind> = { closed: shut, social: among, club: members, open: audience };
const DOORS: Each<Door> = { unlocked: audience, locked: shut };

const AUDIENCES: Each<AudienceShown> = {
  faces: audience,
  counted: inRoom(() => listening({ facts: { ...facts, audience: "counted", in_audience: 1284 }, people: new Map([...STAGE, ...FOLLOWED].map((one) => [one.id, one])) })),
};

const SANDBOXES: Each<SandboxState> = {
  full: hallway,
  without_landlock: hall({ server: { ...server, sandbox: "without_landlock" } }),
  off: hall({ server: { ...server, sandbox: "off" } }),
};

const SERVERS: Each<DoorState> = {
  waiting_for_owner: outside("/", { door: { ...door, name: null, state: "waiting_for_owner" } }),
  open: outside("/"),
};

const PASSKEYS: Each<PasskeySupport> = {
  available: settings("signing-in"),
  unavailable: { ...settings("signing-in"), door: { ...door, passkeys: "unavailable" } },
};

const NOTICES: { readonly [Which in Notice["notice"]]: Extract<Notice, { notice: Which }> } = {
  muted: { notice: "muted", by: id(3) },
  held: { notice: "held", by: id(3) },
  released: { notice: "released", by: id(3) },
  moved_to_audience: { notice: "moved_to_audience", by: id(3) },
  hand_lowered: { notice: "hand_lowered" },
  invitation_gone: { notice: "invitation_gone" },
  declined: { notice: "declined", who: id(40) },
  authority_changed: { notice: "authority_changed", authority: "moderator" },
  new_owner: { notice: "new_owner", who: id(3) },
  widened: { notice: "widened", kind: "social" },
  panic: { notice: "panic", by: id(1) },
  removed: { notice: "removed", who: id(40), name: "Oskar", by: ME_ID, until: Date.now() + 8_500, back: null },
  undone: { notice: "undone", who: id(40), name: "Oskar" },
  not_coming: { notice: "not_coming", handle: "maximiliane.von.hohenfels" },
  reported: { notice: "reported", report: "r1" as never, who: id(40), name: "Maximiliane von Hohenfels-Langenscheidt", handle: "maximiliane.von.hohenfels", reason: "impersonation", until: Date.now() + 110_000 },
};
/** As many as a room shows at once. */
const TOGETHER = 3;

function noticed(): Record<string, Scene> {
  const all = Object.values(NOTICES);
  const scenes: Record<string, Scene> = {};
  for (let at = 0; at < all.length; at += TOGETHER) {
    const three = all.slice(at, at + TOGETHER);
    scenes[`notices-${at / TOGETHER + 1}`] = inRoom(() => moderating(said(...three)));
  }
  return scenes;
}

function named(kind: string, scenes: Readonly<Record<string, Scene>>): Record<string, Scene> {
  return Object.fromEntries(Object.entries(scenes).map(([state, scene]) => [`${kind}-${state}`, scene]));
}

export const STATES: Readonly<Record<string, Scene>> = {
  hallway,
  room: audience,
  ...named("left", LEFT),
  ...named("line", LINES),
  ...named("media", MEDIA),
  ...named("microphone", MICROPHONES),
  ...named("playback", PLAYBACKS),
  ...named("place", PLACES),
  ...named("mic", MICS),
  ...named("authority", AUTHORITIES),
  ...named("phase", PHASES),
  ...named("hands", HANDS),
  ...named("kind", KINDS),
  ...named("door", DOORS),
  ...named("audience", AUDIENCES),
  ...named("sandbox", SANDBOXES),
  ...named("server", SERVERS),
  ...named("passkeys", PASSKEYS),
  ...noticed(),
  ...named("weak", WEAK),
  "place-invited-denied": inRoom(() => room(invited, "member", { microphone: { is: "denied" } })),
  "room-unsandboxed": inRoom(listening, { server: { ...server, sandbox: "off" } }),
  "sign-in-unsandboxed": outside("/", { door: { ...door, sandbox: "off" } }),
  "room-lost": inRoom(() => room({ at: "hand_raised", since: Date.now(), position: 4 }, "member", { media: { is: "lost", since: since() } }), { line: { is: "lost", since: since() } }),
  "audience-found": { ...AUDIENCES.counted, steps: [{ write: "a", into: "Find a listener" }] },
  "phase-ending-mine": inRoom(() => moderating({ facts: { ...facts, phase: { is: "ending", at: Date.now() + 9_000 } } })),
  "hallway-left": hall({ left: { room: ROOM, reason: "ended" } }),
  "signed-out": scene(`/r/${ROOM}`, () => inside({ line: { is: "refused", why: "signed_out" } }), { signedIn: false }),
  "not-there": scene("/r/none", () => inside({ hallway: [] }), { refuses: "not_there", steps: press("Come in") }),
  "door": scene(`/r/${ROOM}`, () => inside()),
  "door-entering": scene(`/r/${ROOM}`, () => inside({ entering: ROOM })),
  "door-not-yet": scene(`/r/${ROOM}`, () => inside({ hallway: [] }), { refuses: "not_yet", steps: press("Come in") }),
  "door-refused": scene(`/r/${ROOM}`, () => inside(), { refuses: "locked", steps: press("Come in") }),
  "door-refused-docked": scene("/r/other", () => inside({ room: talking("open") }), { refuses: "locked", steps: press("Come in") }),
  "room-everybody": inRoom(() => listening({ people: new Map([...STAGE, ...FOLLOWED, ...OTHERS].map((one) => [one.id, { ...one, presence: "reconnecting" as const }])) })),
};
