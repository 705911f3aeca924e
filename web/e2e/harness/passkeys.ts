// A passkey store without a person: Chromium's virtual authenticator, one for each browser context's page.

import type { CDPSession } from "@playwright/test";
import type { Person } from "./person.ts";

export class Authenticator {
  private constructor(
    readonly session: CDPSession,
    readonly id: string,
  ) {}

  /** From now on the page's browser has a place for passkeys, and its person says yes to everything. */
  static async plugIn(person: Person): Promise<Authenticator> {
    const session = await person.context.newCDPSession(person.page);
    await session.send("WebAuthn.enable");
    const { authenticatorId } = await session.send("WebAuthn.addVirtualAuthenticator", {
      options: {
        protocol: "ctap2",
        ctap2Version: "ctap2_1",
        transport: "internal",
        hasResidentKey: true,
        hasUserVerification: true,
        isUserVerified: true,
        automaticPresenceSimulation: true,
      },
    });
    return new Authenticator(session, authenticatorId);
  }

  /** How many passkeys it holds. */
  async count(): Promise<number> {
    const { credentials } = await this.session.send("WebAuthn.getCredentials", { authenticatorId: this.id });
    return credentials.length;
  }

  /** Whether the person can prove who they are: a finger that is known, or not. */
  async verifies(isUserVerified: boolean): Promise<void> {
    await this.session.send("WebAuthn.setUserVerified", { authenticatorId: this.id, isUserVerified });
  }
}

/** The browser offers no passkey in a field, so that only the button asks for one. Before the first page. */
export async function withoutOfferInField(person: Person): Promise<void> {
  await person.context.addInitScript(() => {
    PublicKeyCredential.isConditionalMediationAvailable = () => Promise.resolve(false);
  });
}
