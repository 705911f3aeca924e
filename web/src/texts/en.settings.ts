// English of the settings, which comes with them; the rest is in `en.ts`.

import type { DeviceLabel } from "../protocol/DeviceLabel";
import type { InviteState } from "../protocol/InviteState";
import type { ReportOutcome } from "../protocol/ReportOutcome";
import { forms } from "./format";

const f = forms("en");
const seconds = (n: number): string => f.plural(n, { one: "# second", other: "# seconds" });

const deviceNames: Record<DeviceLabel, string> = {
  apple_mobile: "iPhone or iPad",
  android: "Android device",
  mac: "Mac",
  windows: "Windows computer",
  linux: "Linux computer",
  terminal: "Terminal",
  other: "Another device",
};

const inviteStates: Record<InviteState, string> = {
  open: "Not used yet",
  used: "Used",
  revoked: "Taken back",
  expired: "Lapsed",
};

const outcomes: Record<ReportOutcome, string> = {
  open: "Not looked at yet",
  acted_on: "Looked at, and acted on",
  nothing_done: "Looked at, nothing done",
};

export const settings = {
  deviceNames,
  inviteStates,

  title: "Settings",
  titleOf: (tab: string) => `${tab}, settings`,
  tabs: {
    you: "You",
    sound: "Sound",
    look: "Look",
    keys: "Keys",
    devices: "Devices",
    "signing-in": "Signing in",
    invitations: "Invitations",
    reports: "Reports",
  },
  reports: "Your reports",
  reportsNone: "You have reported nobody, or have put it away.",
  reportsWhy: "Somebody is reported in the room where you hear them. The people who run this server get both handles, the reason, the day and who heard it too: no sound, and not which room it was. A report that was looked at goes after thirty days; once you have put it away, nothing says that it was yours.",
  reportOf: (who: string, reason: string) => `${who}: ${reason}`,
  reportedGuest: "A guest",
  reportDay: (day: number) => `Reported on ${f.day(day)}.`,
  reportAway: "Got it",
  reportAwayWho: (who: string) => `Got it: put the report of ${who} away`,
  outcomes,
  name: "What people call you",
  nameSaved: "Saved. Rooms you are in show it from the next time.",
  handle: "Your handle",
  handleWhy: "It stays as it is, so that people find you.",
  profile: "What others see of you",
  kept: "What is kept",
  keptWhat: (parts: readonly string[]) => `Your name and handle, the day you joined, ${f.list(parts)}, the devices you are signed in on, your invitations, who you follow, who invited you, and reports by you and about you.`,
  keptPasskeys: (n: number) => f.plural(n, { one: "# passkey for this address", other: "# passkeys for this address" }),
  keptCodes: (n: number) => f.plural(n, { one: "# recovery code", other: "# recovery codes" }),
  keptNot: "No rooms, no attendance, no sound.",
  signOut: "Sign out on this device",
  signOutRoom: "You leave the room you are in.",
  signOutNoWay: "You have neither passkey nor recovery codes: after this you cannot come back in.",
  signOutSure: "Sign out anyway",

  microphone: "Microphone",
  speaker: "Loudspeaker",
  system: "As the system has it",
  unnamed: (n: number) => `Device ${f.number(n)}`,
  sayName: "Say something",
  sayWhy: "Heard by nobody, only measured.",
  testMic: "Try it",
  stopTest: "Stop",
  hearName: "Hear something",
  testSpeaker: "Play a tone",
  speakerWhere: "This browser leaves the choice of loudspeaker to the system.",
  volumes: "How loud each person is",
  volumesWhy: "For you alone. They do not learn of it, and it stays on this device until you sign out.",
  volumesNone: "Open somebody who is on stage, and turn them up or down. Only you hear the difference.",
  volumeOf: (who: string) => `Volume of ${who}, for you only`,
  sounds: "Small sounds",
  soundsWhy: "Only about you: you are on stage, you are asked, you lost the line.",
  mutedHint: "“You are muted, and speaking”",
  mutedHintWhy: "Said when your microphone hears speech while it is shut. Nothing is sent.",

  theme: "Colours",
  themes: { system: "System", light: "Light", dark: "Dark" },
  motion: "Motion",
  motions: { system: "System", less: "Less" },
  motionWhy: "Less: rings stand still, nothing slides.",
  contrast: "Contrast",
  contrasts: { system: "System", more: "More" },
  contrastWhy: "More: no pale words, and every edge can be seen.",

  keys: "Single keys",
  keysWhy: "They work in a room, never while you write. Among listeners and reactions, arrows lead on.",

  sessions: "Signed-in devices",
  thisDevice: "This device",
  since: (day: number, until: number) => `Since ${f.day(day)}, until ${f.day(until)}`,
  revoke: "Sign out",
  revokeWho: (device: string) => `Sign out: ${device}`,
  addDevice: "Add a device",
  addDeviceWhy: "Scan it with the other device, or type the code there. It works once, for two minutes.",
  addDeviceMake: "Make a link",
  codeLapses: (n: number) => `Works for ${seconds(n)}`,
  codeLapsed: "Lapsed. Make a new one.",

  passkeys: "Passkeys",
  passkeysNone: "None yet.",
  passkeyMade: (day: number) => `Made on ${f.day(day)}`,
  passkeyElsewhere: "Made for an earlier address of this server. It does not work here.",
  passkeyAdd: "Save a passkey here",
  passkeyRemove: "Remove",
  passkeyRemoveWho: (device: string, day: number) => `Remove the passkey of ${device}, ${f.day(day)}`,
  passkeysOff: "Passkeys cannot work on this address.",
  recovery: "Recovery codes",
  recoveryLeft: (n: number) => (n === 0 ? "None. Make some." : f.plural(n, { one: "# code left.", other: "# codes left." })),
  recoveryMake: "Make new codes",
  recoveryWhy: "New codes void the old ones.",

  invites: "Your invitations",
  invitesWhy: "You answer for those you invite. Members can see who invited whom.",
  inviteMake: "Make a link",
  inviteFor: "For whom? Only you see this",
  inviteAnyone: "For anyone",
  inviteNote: (note: string) => `For ${note}`,
  inviteUntil: (day: number) => `Until ${f.day(day)}`,
  inviteCame: (handles: readonly string[]) => `${f.list(handles)} came`,
  inviteWith: (state: string, uses: string) => `${state}, ${uses}`,
  inviteUses: (used: number, uses: number) => `${f.number(used)} of ${f.number(uses)} used`,
  inviteRevoke: "Take back",
  inviteRevokeWho: (note: string) => `Take back the invitation ${note}`,
  inviteNone: "You have not invited anybody yet.",
};
