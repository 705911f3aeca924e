// A microphone that plays one tone. Like the ears it is sent into the page as text, before the page's own scripts.

export interface Voice {
  speak(): void;
  /** Silence at the microphone; it stays open. */
  hush(): void;
  /** What the person says from now on when the browser asks for the microphone; "later" keeps it waiting for a word. */
  answer(word: "yes" | "no" | "later"): void;
  /** How often the browser has asked. */
  asked(): number;
  /** Microphones that are open now. */
  openNow(): number;
  /** Milliseconds of sound that there were to be heard of the microphone, open or not. */
  spoken(): number;
  /** The system takes the microphone away, as for a call. */
  takeAway(): void;
  /** A page that does not keep to the rules: sends a tone on every connection, whatever it was told. */
  lie(senders: RTCRtpSender[], hertz: number): Promise<number>;
}

declare global {
  interface Window {
    voice: Voice;
  }
}

/** Replaces the microphone; echo cancellation and noise suppression have no part in it. */
export function installVoice(tone: number): void {
  const loudness = new Map<number, GainNode>();
  let context: AudioContext | undefined;
  let answer: "yes" | "no" | "later" = "yes";
  const answered = new EventTarget();
  let asked = 0;
  const given: MediaStreamTrack[] = [];
  let hushed = false;

  function open(hertz = tone): MediaStream {
    context ??= new AudioContext();
    void context.resume();
    let voice = loudness.get(hertz);
    if (voice === undefined) {
      voice = new GainNode(context, { gain: hushed ? 0 : 0.2 });
      const oscillator = new OscillatorNode(context, { frequency: hertz });
      oscillator.connect(voice);
      oscillator.start();
      loudness.set(hertz, voice);
    }
    const microphone = context.createMediaStreamDestination();
    voice.connect(microphone);
    given.push(...microphone.stream.getTracks());
    return microphone.stream;
  }

  function setLoudness(gain: number): void {
    hushed = gain === 0;
    for (const voice of loudness.values()) voice.gain.value = gain;
  }

  // Absent on an insecure origin, and then it stays so.
  if (navigator.mediaDevices !== undefined) {
    navigator.mediaDevices.getUserMedia = async (constraints) => {
      asked += 1;
      if (answer === "later") await new Promise((said) => answered.addEventListener("said", said, { once: true }));
      if (answer === "no") throw new DOMException("Permission denied", "NotAllowedError");
      if (!constraints?.audio || constraints.video) throw new TypeError("a microphone, and only that");
      return open();
    };
  }

  window.voice = {
    speak: () => setLoudness(0.2),
    hush: () => setLoudness(0),
    answer(word) {
      answer = word;
      if (word !== "later") answered.dispatchEvent(new Event("said"));
    },
    asked: () => asked,
    openNow: () => given.filter(({ readyState }) => readyState === "live").length,
    spoken: () => 1_000 * (context?.currentTime ?? 0),
    takeAway() {
      for (const track of given.splice(0)) {
        track.stop();
        track.dispatchEvent(new Event("ended"));
      }
    },
    async lie(senders, hertz) {
      const [track] = open(hertz).getAudioTracks();
      if (track === undefined) throw new Error("no track");
      const open_ = senders.filter((sender) => sender.transport !== null && sender.transport.state !== "closed");
      await Promise.all(open_.map((sender) => sender.replaceTrack(track)));
      return open_.length;
    },
  };
}
