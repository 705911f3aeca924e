import type { Notice } from "../../protocol/Notice";
import type { ParticipantId } from "../../protocol/ParticipantId";
import { name, t } from "../../texts";

/** A notice as a sentence; `named` gives the name of somebody in the room. */
export function noticeText(notice: Notice, named: (id: ParticipantId) => string): string {
  const who = (id: ParticipantId): string => name(named(id));
  switch (notice.notice) {
    case "muted":
      return t.notices.muted(who(notice.by));
    case "held":
      return t.notices.held(who(notice.by));
    case "released":
      return t.notices.released(who(notice.by));
    case "moved_to_audience":
      return t.notices.moved(who(notice.by));
    case "hand_lowered":
      return t.notices.handLowered;
    case "invitation_gone":
      return t.notices.invitationGone;
    case "declined":
      return t.notices.declined(who(notice.who));
    case "authority_changed":
      if (notice.authority === "owner") return t.notices.nowOwner;
      return notice.authority === "moderator" ? t.notices.nowModerator : t.notices.nowMember;
    case "new_owner":
      return t.notices.newOwner(who(notice.who));
    case "widened":
      return notice.kind === "open" ? t.notices.widenedOpen : t.notices.widenedSocial;
    case "panic":
      return t.notices.panic(who(notice.by));
    case "removed":
      return notice.back === null ? t.notices.removed(name(notice.name)) : t.notices.timedOut(name(notice.name));
    case "undone":
      return t.notices.undone(name(notice.name));
    case "not_coming":
      return t.notices.notComing(name(t.common.handle(notice.handle)));
    case "reported": {
      const reported = notice.name ?? (notice.handle === null ? t.person.guest : t.common.handle(notice.handle));
      return t.notices.reported(name(reported), t.reasons[notice.reason]);
    }
  }
}

/** Said at once and aloud, because it happened to me. */
export function concernsMe(notice: Notice): boolean {
  return ["muted", "held", "released", "moved_to_audience", "hand_lowered", "authority_changed", "panic"].includes(
    notice.notice,
  );
}
