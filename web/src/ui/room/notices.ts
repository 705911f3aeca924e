import type { Notice } from "../../protocol/Notice";
import type { ParticipantId } from "../../protocol/ParticipantId";
import { name, t } from "../../texts";
import { w } from "../../texts/sheets";

/** A notice as a sentence; `named` gives the name of somebody in the room. */
export function noticeText(notice: Notice, named: (id: ParticipantId) => string): string {
  const who = (id: ParticipantId): string => name(named(id));
  switch (notice.notice) {
    case "muted":
      return w.notices.muted(who(notice.by));
    case "held":
      return w.notices.held(who(notice.by));
    case "released":
      return w.notices.released(who(notice.by));
    case "moved_to_audience":
      return w.notices.moved(who(notice.by));
    case "hand_lowered":
      return w.notices.handLowered;
    case "invitation_gone":
      return w.notices.invitationGone;
    case "declined":
      return w.notices.declined(who(notice.who));
    case "authority_changed":
      if (notice.authority === "owner") return w.notices.nowOwner;
      return notice.authority === "moderator" ? w.notices.nowModerator : w.notices.nowMember;
    case "new_owner":
      return w.notices.newOwner(who(notice.who));
    case "widened":
      return notice.kind === "open" ? w.notices.widenedOpen : w.notices.widenedSocial;
    case "panic":
      return w.notices.panic(who(notice.by));
    case "removed":
      return notice.back === null ? w.notices.removed(name(notice.name)) : w.notices.timedOut(name(notice.name));
    case "undone":
      return w.notices.undone(name(notice.name));
    case "not_coming":
      return w.notices.notComing(name(t.common.handle(notice.handle)));
    case "reported": {
      const reported = notice.name ?? (notice.handle === null ? t.person.guest : t.common.handle(notice.handle));
      return w.notices.reported(name(reported), t.reasons[notice.reason]);
    }
  }
}

/** Said at once and aloud, because it happened to me. */
export function concernsMe(notice: Notice): boolean {
  return ["muted", "held", "released", "moved_to_audience", "hand_lowered", "authority_changed", "panic"].includes(
    notice.notice,
  );
}
