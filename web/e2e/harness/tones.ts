// Everybody's voice is one tone, so that a microphone tells whom it heard.

/** Hertz. No two have a harmonic in common, and all lie in the band that speech codecs keep. */
export const TONES = [440, 560, 770, 980, 1210, 1500] as const;

export type Tone = (typeof TONES)[number];

/** Above this a peak of the spectrum is a tone, in dB of full scale: what noise suppression leaves of one is at −39. */
export const TONE_DB = -60;

/** Below this root mean square there is no sound, in dB of full scale. */
export const SILENCE_DB = -60;
