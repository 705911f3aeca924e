/** Swells in a second, as many as a quick talker has syllables; fewer would leave moments without the tone. */
const SWELLS = 8;

/** From full loudness down to a tenth of it: what stays the same is noise to a browser, and is taken out by 20 dB. */
const swell = (second: number): number => 0.55 - 0.45 * Math.cos(2 * Math.PI * SWELLS * second);

/** One second of a tone that swells, as the bytes of a WAV file (PCM, 16 bits, mono, 48 kHz); whole periods, so it loops. */
export function toneWav(hertz: number): Buffer {
  const rate = 48_000;
  const samples = rate;
  const bytes = samples * 2;
  const wav = Buffer.alloc(44 + bytes);
  wav.write("RIFF", 0);
  wav.writeUInt32LE(36 + bytes, 4);
  wav.write("WAVEfmt ", 8);
  wav.writeUInt32LE(16, 16);
  wav.writeUInt16LE(1, 20);
  wav.writeUInt16LE(1, 22);
  wav.writeUInt32LE(rate, 24);
  wav.writeUInt32LE(rate * 2, 28);
  wav.writeUInt16LE(2, 32);
  wav.writeUInt16LE(16, 34);
  wav.write("data", 36);
  wav.writeUInt32LE(bytes, 40);
  for (let at = 0; at < samples; at++) {
    const sample = 0.3 * swell(at / rate) * Math.sin((2 * Math.PI * hertz * at) / rate);
    wav.writeInt16LE(Math.round(32_767 * sample), 44 + 2 * at);
  }
  return wav;
}
