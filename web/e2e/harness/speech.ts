// A microphone with something like speech. Tones make Opus leave the mode that has forward error correction, and never
// let it fall silent. Sent into the page as text, like the voice that is a tone.

/** Replaces the microphone: syllables of five vowels between hisses, with pauses, the same in every run. */
export function installSpeech(): void {
  const RATE = 48_000;
  const SECONDS = 8;
  /** Formants in hertz: as in "far", "bet", "see", "law", "you". */
  const VOWELS = [
    [730, 1090, 2440],
    [530, 1840, 2480],
    [270, 2290, 3010],
    [570, 840, 2410],
    [300, 870, 2240],
  ] as const;

  function samples(): Float32Array<ArrayBuffer> {
    const out = new Float32Array(RATE * SECONDS);
    let seed = 1;
    const noise = (): number => {
      seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fffffff;
      return seed / 0x40000000 - 1;
    };
    let at = 0;
    let phase = 0;
    for (let syllable = 0; at < out.length; syllable += 1) {
      // A hiss, a vowel, a short pause; after every seventh syllable a longer one.
      const hiss = 0.06 * RATE;
      const vowel = (0.16 + 0.03 * (syllable % 3)) * RATE;
      const pause = (syllable % 7 === 6 ? 0.45 : 0.05) * RATE;
      let before = 0;
      for (let i = 0; i < hiss && at < out.length; i += 1, at += 1) {
        const white = noise();
        out[at] = 0.03 * (white - before) * Math.sin((Math.PI * i) / hiss);
        before = white;
      }
      const formants = VOWELS[syllable % VOWELS.length] ?? VOWELS[0];
      // Two-pole resonators, excited by glottal pulses whose pitch falls.
      const filters = formants.map((hertz, place) => {
        const radius = Math.exp((-Math.PI * (60 + 40 * place)) / RATE);
        return { a: 2 * radius * Math.cos((2 * Math.PI * hertz) / RATE), b: -radius * radius, one: 0, two: 0 };
      });
      for (let i = 0; i < vowel && at < out.length; i += 1, at += 1) {
        const pitch = 130 - 25 * (i / vowel) + 10 * (syllable % 4);
        phase += pitch / RATE;
        let pulse = 0;
        if (phase >= 1) {
          phase -= 1;
          pulse = 1;
        }
        let sum = 0;
        for (const filter of filters) {
          const value = pulse + filter.a * filter.one + filter.b * filter.two;
          filter.two = filter.one;
          filter.one = value;
          sum += value;
        }
        out[at] = 0.05 * sum * Math.min(1, Math.sin((Math.PI * i) / vowel) * 2);
      }
      at += Math.floor(pause);
    }
    const peak = out.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
    return out.map((sample) => (0.5 * sample) / peak);
  }

  navigator.mediaDevices.getUserMedia = () => {
    const context = new AudioContext({ sampleRate: RATE });
    void context.resume();
    const buffer = context.createBuffer(1, RATE * SECONDS, RATE);
    buffer.copyToChannel(samples(), 0);
    const source = new AudioBufferSourceNode(context, { buffer, loop: true });
    const microphone = context.createMediaStreamDestination();
    source.connect(microphone);
    source.start();
    return Promise.resolve(microphone.stream);
  };
}

/** A browser that does not know redundancy (RFC 2198), as Firefox does not. */
export function installWithoutRedundancy(): void {
  const native = RTCPeerConnection.prototype.addTransceiver;
  RTCPeerConnection.prototype.addTransceiver = function (track, init) {
    const transceiver = Reflect.apply(native, this, [track, init]) as RTCRtpTransceiver;
    const { codecs } = RTCRtpReceiver.getCapabilities("audio") ?? { codecs: [] };
    transceiver.setCodecPreferences(codecs.filter(({ mimeType }) => mimeType.toLowerCase() !== "audio/red"));
    return transceiver;
  };
}
