/** One second of a tone, as the bytes of a WAV file (PCM, 16 bits, mono, 48 kHz); whole periods, so it loops. */
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
    wav.writeInt16LE(Math.round(0.3 * 32_767 * Math.sin((2 * Math.PI * hertz * at) / rate)), 44 + 2 * at);
  }
  return wav;
}
