// The browser's side of a passkey ceremony: options in, the credential as JSON out.

import type { Passkey } from "../protocol/Passkey";
import type { SignedIn } from "../protocol/SignedIn";
import type { Api, Result } from "./api";

/** Whether this browser, on this address, can do it at all. */
export function passkeysPossible(): boolean {
  return (
    isSecureContext &&
    typeof PublicKeyCredential === "function" &&
    typeof PublicKeyCredential.parseCreationOptionsFromJSON === "function"
  );
}

/** Whether a field can offer passkeys while one types. */
export async function canOfferInField(): Promise<boolean> {
  if (!passkeysPossible()) return false;
  try {
    return (await PublicKeyCredential.isConditionalMediationAvailable?.()) ?? false;
  } catch {
    return false;
  }
}

export async function savePasskey(api: Api): Promise<Result<Passkey>> {
  const challenge = await api.passkeyStart();
  if (!challenge.ok) return challenge;
  try {
    const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(unwrapped(challenge.value.options));
    const credential = await navigator.credentials.create({ publicKey });
    if (!(credential instanceof PublicKeyCredential)) return { ok: false, error: "passkey_refused" };
    return api.passkeyFinish({ ceremony: challenge.value.ceremony, credential: JSON.stringify(credential.toJSON()) });
  } catch {
    return { ok: false, error: "passkey_refused" };
  }
}

/** A button was pressed, or a field waits to offer a passkey. */
export type Asking = "now" | "in_field";

/** Answers null when it was called off by `signal`. */
export async function signInWithPasskey(api: Api, asking: Asking, signal: AbortSignal): Promise<Result<SignedIn> | null> {
  const challenge = await api.signInStart();
  if (signal.aborted) return null;
  if (!challenge.ok) return challenge;
  try {
    const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(unwrapped(challenge.value.options));
    const mediation = asking === "in_field" ? ("conditional" as const) : ("optional" as const);
    const credential = await navigator.credentials.get({ publicKey, mediation, signal });
    if (!(credential instanceof PublicKeyCredential)) return { ok: false, error: "passkey_refused" };
    const answer = await api.signInFinish({
      ceremony: challenge.value.ceremony,
      credential: JSON.stringify(credential.toJSON()),
    });
    if (!answer.ok && answer.error === "passkey_unknown") await forget(publicKey.rpId, credential.id);
    return answer;
  } catch {
    return signal.aborted ? null : { ok: false, error: "passkey_refused" };
  }
}

/** Whoever keeps the passkey may stop offering it. Only newer browsers pass that on. */
async function forget(rpId: string | undefined, credentialId: string): Promise<void> {
  await PublicKeyCredential.signalUnknownCredential?.({ rpId: rpId ?? location.hostname, credentialId }).catch(() => undefined);
}

/** Servers wrap the options in `publicKey`, as `navigator.credentials` takes them; the parsers want them bare. */
function unwrapped<T>(options: string): T {
  const parsed = JSON.parse(options) as T & { publicKey?: T };
  return parsed.publicKey ?? parsed;
}
