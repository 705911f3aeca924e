// What the device should know of a room: that its screen stays on while I am on stage, and what to show where the system
// shows what is playing. Nothing here is needed to hear or to speak.

/** Until the returned function is called the screen does not go dark by itself. */
export function keepAwake(): () => void {
  let lock: WakeLockSentinel | null = null;
  let is: "wanted" | "asked for" | "over" = "wanted";

  const ask = async (): Promise<void> => {
    if (!("wakeLock" in navigator) || is !== "wanted" || lock !== null || document.visibilityState !== "visible") return;
    is = "asked for";
    // Refused on low battery: the screen goes dark, the sound goes on.
    const got = await navigator.wakeLock.request("screen").catch(() => null);
    if (isOver()) return void got?.release();
    is = "wanted";
    lock = got;
    // By the system, whenever the page is hidden.
    got?.addEventListener("release", () => (lock = null));
  };
  const isOver = (): boolean => is === "over";
  const visible = (): void => void ask();
  document.addEventListener("visibilitychange", visible);
  void ask();
  return () => {
    is = "over";
    document.removeEventListener("visibilitychange", visible);
    void lock?.release();
  };
}

/** What the system's own buttons do: the same as the room's. */
export interface Acts {
  leave(): void;
  toggleMicrophone(): void;
}

/** Shows the room where the system shows what is playing, until the returned function is called. */
export function showInSystem(title: string, server: string, acts: Acts): () => void {
  if (!("mediaSession" in navigator)) return () => undefined;
  const { mediaSession } = navigator;
  const buttons = { stop: acts.leave, hangup: acts.leave, togglemicrophone: acts.toggleMicrophone };
  const tie = (to: (act: () => void) => (() => void) | null): void => {
    for (const [button, act] of Object.entries(buttons)) {
      try {
        mediaSession.setActionHandler(button as MediaSessionAction, to(act));
      } catch {
        // Browsers throw for buttons that they do not know.
      }
    }
  };
  mediaSession.metadata = new MediaMetadata({ title, artist: server });
  mediaSession.playbackState = "playing";
  tie((act) => act);
  return () => {
    mediaSession.metadata = null;
    mediaSession.playbackState = "none";
    tie(() => null);
  };
}
