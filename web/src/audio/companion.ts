// What the device should know of a room: keep the screen on while I am on stage, and show the room where the system
// shows what is playing. Nothing here is needed to hear or to speak.

import type { Session } from "../session/contract";
import { shownMic } from "../session/room";
import type { SessionState } from "../session/state";

/** Returns the end of it. `title` is what the room is called where the system shows it. */
export function accompany(session: Session, title: (state: SessionState) => string): () => void {
  let lock: WakeLockSentinel | null = null;
  let wanted = false;

  const keepAwake = async (): Promise<void> => {
    if (!("wakeLock" in navigator) || !wanted || lock !== null || document.visibilityState !== "visible") return;
    // Refused on low battery: the screen goes dark, the sound goes on.
    lock = await navigator.wakeLock.request("screen").catch(() => null);
    lock?.addEventListener("release", () => {
      lock = null;
    });
    if (!wanted) await lock?.release();
  };

  const follow = (state: SessionState): void => {
    wanted = state.room?.you.place.at === "stage";
    if (wanted) void keepAwake();
    else void lock?.release();
    if (!("mediaSession" in navigator)) return;
    const shown = state.room === null ? null : title(state);
    if (shown === null) navigator.mediaSession.metadata = null;
    else if (navigator.mediaSession.metadata?.title !== shown) {
      navigator.mediaSession.metadata = new MediaMetadata({ title: shown, artist: state.server?.name ?? "" });
    }
    navigator.mediaSession.playbackState = state.room === null ? "none" : "playing";
  };

  const visible = (): void => void keepAwake();
  document.addEventListener("visibilitychange", visible);
  act("stop", () => session.leave());
  act("hangup", () => session.leave());
  act("togglemicrophone", () => {
    const { room } = session.state;
    if (room?.you.place.at === "stage") void session.setMic(shownMic(room) === "open" ? "muted" : "open");
  });
  const end = session.subscribe(follow);
  follow(session.state);
  return () => {
    end();
    document.removeEventListener("visibilitychange", visible);
    wanted = false;
    void lock?.release();
  };
}

/** Browsers throw for actions they do not know. */
function act(action: string, does: () => void): void {
  try {
    navigator.mediaSession?.setActionHandler(action as MediaSessionAction, does);
  } catch {
    // Not here.
  }
}
