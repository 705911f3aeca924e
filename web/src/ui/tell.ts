// Happenings as words for the live regions and as small sounds.

import type { Announcer } from "../app/announcer.svelte";
import type { Happening } from "../app/happenings";
import type { Room } from "../session/state";
import { t } from "../texts";
import { concernsMe, noticeText } from "./room/notices";
import { nameOf } from "./room/people";
import type { Sounds } from "./sounds";

/** Names in announcements need no isolation: nothing is drawn. */
const ISOLATES = /[\u2068\u2069]/g;

export function tell(happening: Happening, room: Room | null, announcer: Announcer, sounds: Sounds): void {
  const named = (id: number): string => (room === null ? t.room.someone : nameOf(room, id as Room["you"]["id"]));
  switch (happening.is) {
    case "entered":
      return announcer.say(t.heard.entered(happening.title ?? t.room.untitled));
    case "left":
      if (happening.reason === "left") return announcer.say(t.heard.left);
      if (happening.reason === "ended") sounds.play("door");
      return announcer.interrupt(`${t.common.sentence(t.left[happening.reason].title)} ${t.left[happening.reason].why}`);
    case "on_stage":
      sounds.play("on_stage");
      return announcer.interrupt(t.heard.onStage);
    case "off_stage":
      return announcer.interrupt(t.heard.offStage);
    case "hand_up":
      return announcer.say(t.heard.handUp);
    case "hand_down":
      return announcer.say(t.heard.handDown);
    case "asked_up":
      sounds.play("asked_up");
      return announcer.interrupt(t.asked.title(named(happening.by)));
    case "microphone":
      sounds.play(happening.mic === "open" ? "microphone_open" : "microphone_shut");
      return announcer.interrupt(happening.mic === "open" ? t.heard.micOn : t.heard.micOff);
    case "line_lost":
      sounds.play("line_lost");
      return announcer.interrupt(t.heard.lineLost);
    case "line_back":
      sounds.play("line_back");
      return announcer.interrupt(happening.server === "restarted" ? t.line.restarted : t.line.back);
    case "hand_of":
      sounds.play("hand");
      return announcer.say(t.heard.handOf(happening.name));
    case "came_up":
      return announcer.say(t.heard.cameUp(happening.name));
    case "went_down":
      return announcer.say(t.heard.wentDown(happening.name));
    case "ending":
      sounds.play("door");
      return announcer.interrupt(t.room.ending);
    case "notice": {
      if (happening.notice.notice === "widened") sounds.play("door");
      const words = noticeText(happening.notice, named).replace(ISOLATES, "");
      return concernsMe(happening.notice) ? announcer.interrupt(words) : announcer.say(words);
    }
  }
}
