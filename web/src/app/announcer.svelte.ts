/** Two live regions for those who listen to the screen. */
export class Announcer {
  polite = $state("");
  assertive = $state("");

  /** When there is a pause. */
  say(text: string): void {
    this.polite = again(this.polite, text);
  }

  /** Now. */
  interrupt(text: string): void {
    this.assertive = again(this.assertive, text);
  }
}

/** The same words twice are a new announcement: a region speaks only when its text changes. */
function again(before: string, text: string): string {
  return before === text ? `${text}\u00a0` : text;
}
