// Where browsers are and how they are started. `cargo xtask test` finds them and says so in the environment.

export function chromiumPath(): string {
  return process.env["VIVAVOCE_CHROMIUM"] ?? "/usr/bin/chromium";
}

export function firefoxPath(): string {
  return process.env["VIVAVOCE_FIREFOX"] ?? "/usr/bin/firefox-esr";
}

export function pulseaudioPath(): string {
  return process.env["VIVAVOCE_PULSEAUDIO"] ?? "/usr/bin/pulseaudio";
}

/** No request of the browser's own. */
const QUIET_ARGS = ["--disable-quic", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"];

/**
 * Where there is no graphics processor Chromium imitates one, and draws with that: pictures take a third longer, and once a
 * page never came back from one.
 */
const DRAWN_ARGS = ["--disable-gpu"];

/** No tap needed before sound. */
export const CHROMIUM_ARGS = [...QUIET_ARGS, ...DRAWN_ARGS, "--autoplay-policy=no-user-gesture-required"];

/** As people have it: no sound before the first tap on a page. */
export const STRICT_ARGS = [...QUIET_ARGS, ...DRAWN_ARGS, "--autoplay-policy=document-user-activation-required"];

/** As where a network lets no UDP through: the browser tries none, and has TCP alone. */
export const NO_UDP_ARGS = [...CHROMIUM_ARGS, "--webrtc-ip-handling-policy=disable_non_proxied_udp"];

/** The real way from a capture device, which plays this file over and over. */
export function captureArgs(wav: string): string[] {
  return [
    ...CHROMIUM_ARGS,
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    `--use-file-for-fake-audio-capture=${wav}`,
  ];
}

/** Firefox's own fake microphone with a tone, connections over loopback, and as little motion as the others show. */
export function firefoxPreferences(tone: number): Record<string, unknown> {
  return {
    "media.navigator.streams.fake": true,
    "media.navigator.permission.disabled": true,
    "media.navigator.audio.fake_frequency": tone,
    "ui.prefersReducedMotion": 1,
    "media.autoplay.default": 0,
    "media.autoplay.blocking_policy": 0,
    "media.peerconnection.ice.loopback": true,
    "media.peerconnection.ice.obfuscate_host_addresses": false,
  };
}
