// The HTTP API under /api/v1, typed. Every call answers a value or a stable code; nothing throws.

import type { AcceptInvite } from "../protocol/AcceptInvite";
import type { Club } from "../protocol/Club";
import type { ClubAct } from "../protocol/ClubAct";
import type { ClubCharter } from "../protocol/ClubCharter";
import type { ClubId } from "../protocol/ClubId";
import type { ClubList } from "../protocol/ClubList";
import type { ClubName } from "../protocol/ClubName";
import type { ClubPage } from "../protocol/ClubPage";
import type { ClubPerson } from "../protocol/ClubPerson";
import type { ClubRules } from "../protocol/ClubRules";
import type { ClaimServer } from "../protocol/ClaimServer";
import type { CalendarLink } from "../protocol/CalendarLink";
import type { DisplayName } from "../protocol/DisplayName";
import type { ErrorBody } from "../protocol/ErrorBody";
import type { ErrorCode } from "../protocol/ErrorCode";
import type { Event } from "../protocol/Event";
import type { EventDraft } from "../protocol/EventDraft";
import type { EventId } from "../protocol/EventId";
import type { Handle } from "../protocol/Handle";
import type { Erase } from "../protocol/Erase";
import type { Introduction } from "../protocol/Introduction";
import type { Invite } from "../protocol/Invite";
import type { InviteId } from "../protocol/InviteId";
import type { InvitePreview } from "../protocol/InvitePreview";
import type { Kept } from "../protocol/Kept";
import type { Me } from "../protocol/Me";
import type { NewInvite } from "../protocol/NewInvite";
import type { NewLink } from "../protocol/NewLink";
import type { Passkey } from "../protocol/Passkey";
import type { PasskeyAnswer } from "../protocol/PasskeyAnswer";
import type { PasskeyChallenge } from "../protocol/PasskeyChallenge";
import type { PasskeyId } from "../protocol/PasskeyId";
import type { PictureId } from "../protocol/PictureId";
import type { Profile } from "../protocol/Profile";
import type { ProfilePage } from "../protocol/ProfilePage";
import type { PushDevice } from "../protocol/PushDevice";
import type { PushSettings } from "../protocol/PushSettings";
import type { PushTrial } from "../protocol/PushTrial";
import type { RecoveryCodes } from "../protocol/RecoveryCodes";
import type { RecoverySignIn } from "../protocol/RecoverySignIn";
import type { ServerDoor } from "../protocol/ServerDoor";
import type { Session } from "../protocol/Session";
import type { SessionId } from "../protocol/SessionId";
import type { SignedIn } from "../protocol/SignedIn";
import type { Wishes } from "../protocol/Wishes";
import type { MyReport } from "../protocol/MyReport";
import type { ReportNumber } from "../protocol/ReportNumber";

export type Result<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: ErrorCode };

type Method = "GET" | "POST" | "PUT" | "DELETE";

async function call<T>(method: Method, path: string, body?: unknown): Promise<Result<T>> {
  let response: Response;
  try {
    response = await fetch(`/api/v1${path}`, {
      method,
      credentials: "same-origin",
      cache: "no-store",
      ...(body === undefined
        ? {}
        : { body: JSON.stringify(body), headers: { "content-type": "application/json" } }),
    });
  } catch {
    return { ok: false, error: "busy" };
  }
  try {
    if (response.status === 204) return { ok: true, value: undefined as T };
    const value: unknown = await response.json();
    if (response.ok) return { ok: true, value: value as T };
    return { ok: false, error: (value as ErrorBody).error };
  } catch {
    return { ok: false, error: "internal" };
  }
}

/** The same with a file as the body, told while it goes up: how much of it has gone, from 0 to 1. */
function send<T>(method: Method, path: string, file: Blob, gone: (part: number) => void): Promise<Result<T>> {
  return new Promise((done) => {
    const request = new XMLHttpRequest();
    request.open(method, `/api/v1${path}`);
    request.responseType = "json";
    request.upload.onprogress = ({ loaded, total }) => gone(total === 0 ? 0 : loaded / total);
    request.onerror = () => done({ ok: false, error: "busy" });
    request.onload = () => {
      const value: unknown = request.response;
      if (value === null || typeof value !== "object") done({ ok: false, error: "internal" });
      else if (request.status === 200) done({ ok: true, value: value as T });
      else done({ ok: false, error: (value as ErrorBody).error });
    };
    request.send(file);
  });
}

/** Where a picture of somebody is. It never changes there. */
export const pictureAddress = (picture: PictureId): string => `/api/v1/pictures/${picture}`;

const path = (text: string): string => encodeURIComponent(text);

/** An event as a file for a calendar program. */
export const calendarFile = (event: EventId): string => `/api/v1/events/${event}/calendar.ics`;

export const api = {
  /** For what only a part of the page asks, which brings its own words. */
  call,
  server: () => call<ServerDoor>("GET", "/server"),
  me: () => call<Me>("GET", "/me"),
  rename: (name: DisplayName) => call<Me>("POST", "/me/name", { name }),
  setPicture: (picture: Blob, gone: (part: number) => void = () => {}) => send<Me>("PUT", "/me/picture", picture, gone),
  removePicture: () => call<Me>("DELETE", "/me/picture"),
  /** As a file; null where it is not there any more. */
  picture: async (picture: PictureId): Promise<Blob | null> => {
    const response = await fetch(pictureAddress(picture), { credentials: "same-origin" }).catch(() => null);
    return response?.ok ? response.blob().catch(() => null) : null;
  },
  signOut: () => call<void>("POST", "/signout", {}),
  kept: () => call<Kept>("GET", "/me/kept"),
  erase: (erase: Erase) => call<void>("POST", "/me/erase", erase),

  claimServer: (claim: ClaimServer) => call<SignedIn>("POST", "/owner", claim),
  previewInvite: (token: string) => call<InvitePreview>("POST", "/invites/preview", { token }),
  acceptInvite: (accept: AcceptInvite) => call<SignedIn>("POST", "/invites/accept", accept),

  signInStart: () => call<PasskeyChallenge>("POST", "/signin/passkey/start", {}),
  signInFinish: (answer: PasskeyAnswer) => call<SignedIn>("POST", "/signin/passkey/finish", answer),
  signInByCode: (recovery: RecoverySignIn) => call<SignedIn>("POST", "/signin/recovery", recovery),
  signInByLink: (token: string) => call<SignedIn>("POST", "/signin/link", { token }),

  passkeys: () => call<Passkey[]>("GET", "/passkeys"),
  passkeyStart: () => call<PasskeyChallenge>("POST", "/passkeys/start", {}),
  passkeyFinish: (answer: PasskeyAnswer) => call<Passkey>("POST", "/passkeys/finish", answer),
  removePasskey: (id: PasskeyId) => call<void>("DELETE", `/passkeys/${path(id)}`),
  newRecoveryCodes: () => call<RecoveryCodes>("POST", "/recovery", {}),

  sessions: () => call<Session[]>("GET", "/sessions"),
  endSession: (id: SessionId) => call<void>("DELETE", `/sessions/${path(id)}`),
  deviceLink: () => call<NewLink>("POST", "/device-links", {}),

  invites: () => call<Invite[]>("GET", "/invites"),
  newInvite: (invite: NewInvite) => call<NewLink>("POST", "/invites", invite),
  revokeInvite: (id: InviteId) => call<void>("DELETE", `/invites/${path(id)}`),

  block: (handle: Handle) => call<Profile>("PUT", `/people/${path(handle)}/block`, {}),
  unblock: (handle: Handle) => call<Profile>("DELETE", `/people/${path(handle)}/block`),
  blocks: () => call<Profile[]>("GET", "/blocks"),

  events: () => call<Event[]>("GET", "/events"),
  event: (id: EventId) => call<Event>("GET", `/events/${path(id)}`),
  announce: (draft: EventDraft) => call<Event>("POST", "/events", draft),
  changeEvent: (id: EventId, draft: EventDraft) => call<Event>("PUT", `/events/${path(id)}`, draft),
  callOff: (id: EventId) => call<Event>("DELETE", `/events/${path(id)}`),
  whoComes: (id: EventId) => call<Profile[]>("GET", `/events/${path(id)}/going`),
  goTo: (id: EventId) => call<Event>("PUT", `/events/${path(id)}/going`, {}),
  stayAway: (id: EventId) => call<Event>("DELETE", `/events/${path(id)}/going`),
  seeEventNews: (id: EventId) => call<Event>("DELETE", `/events/${path(id)}/news`),
  stepBack: (id: EventId) => call<void>("DELETE", `/events/${path(id)}/part`),
  hasCalendar: () => call<void>("GET", "/me/calendar"),
  makeCalendar: () => call<CalendarLink>("POST", "/me/calendar", {}),
  dropCalendar: () => call<void>("DELETE", "/me/calendar"),
  hearPings: (handle: Handle) => call<void>("PUT", `/people/${path(handle)}/pings`, {}),
  mutePings: (handle: Handle) => call<void>("DELETE", `/people/${path(handle)}/pings`),
  mutedPings: () => call<Profile[]>("GET", "/muted-pings"),

  reports: () => call<MyReport[]>("GET", "/reports"),
  putReportAway: (number: ReportNumber) => call<void>("DELETE", `/reports/${number}`),

  clubs: () => call<Club[]>("GET", "/clubs"),
  findClubs: (find: string) => call<Club[]>("GET", `/clubs?find=${path(find)}`),
  club: (club: ClubId) => call<ClubPage>("GET", `/clubs/${path(club)}`),
  foundClub: (charter: ClubCharter) => call<ClubPage>("POST", "/clubs", charter),
  changeClub: (club: ClubId, charter: ClubCharter) => call<ClubPage>("PUT", `/clubs/${path(club)}`, charter),
  setClubPicture: (club: ClubId, picture: Blob, gone: (part: number) => void = () => {}) => send<ClubPage>("PUT", `/clubs/${path(club)}/picture`, picture, gone),
  removeClubPicture: (club: ClubId) => call<ClubPage>("DELETE", `/clubs/${path(club)}/picture`),
  joinClub: (club: ClubId, rules: ClubRules) => call<ClubPage>("POST", `/clubs/${path(club)}/join`, { rules }),
  leaveClub: (club: ClubId) => call<ClubPage>("POST", `/clubs/${path(club)}/leave`, {}),
  followClub: (club: ClubId) => call<ClubPage>("PUT", `/clubs/${path(club)}/follow`, {}),
  takeClubOver: (club: ClubId) => call<ClubPage>("POST", `/clubs/${path(club)}/offer`, {}),
  refuseClub: (club: ClubId) => call<ClubPage>("DELETE", `/clubs/${path(club)}/offer`),
  clubPeople: (club: ClubId, which: ClubList, after: Handle | null) =>
    call<ClubPerson[]>("GET", `/clubs/${path(club)}/people?which=${which}${after === null ? "" : `&after=${path(after)}`}`),
  actInClub: (club: ClubId, handle: Handle, act: ClubAct) => call<ClubPage>("POST", `/clubs/${path(club)}/people/${path(handle)}`, { act }),
  dissolveClub: (club: ClubId, name: ClubName) => call<void>("POST", `/clubs/${path(club)}/dissolve`, { name }),

  findPeople: (find: string) => call<Profile[]>("GET", `/people?find=${path(find)}`),
  findFollowers: (find: string) => call<Profile[]>("GET", `/people?find=${path(find)}&among=followers`),
  suggestions: () => call<Profile[]>("GET", "/suggestions"),
  profile: (handle: Handle) => call<ProfilePage>("GET", `/people/${path(handle)}`),
  introduce: (introduction: Introduction) => call<ProfilePage>("PUT", "/me/introduction", introduction),
  ties: (handle: Handle, which: "followers" | "following", after: Handle | null) =>
    call<Profile[]>("GET", `/people/${path(handle)}/${which}${after === null ? "" : `?after=${path(after)}`}`),
  ringBell: (handle: Handle) => call<ProfilePage>("PUT", `/people/${path(handle)}/bell`, {}),
  hushBell: (handle: Handle) => call<ProfilePage>("DELETE", `/people/${path(handle)}/bell`),
  push: () => call<PushSettings>("GET", "/push"),
  wish: (wishes: Wishes) => call<void>("PUT", "/push", wishes),
  setPushDevice: (device: PushDevice) => call<void>("PUT", "/push/device", device),
  removePushDevice: () => call<void>("DELETE", "/push/device"),
  tryPush: () => call<PushTrial>("POST", "/push/trial", {}),
  follow: (handle: Handle) => call<Profile>("PUT", `/people/${path(handle)}/follow`, {}),
  unfollow: (handle: Handle) => call<Profile>("DELETE", `/people/${path(handle)}/follow`),
};
