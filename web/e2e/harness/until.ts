// Waiting for something that happens elsewhere and cannot call back.

/** Asks again and again until there is an answer; throws with `what` when time is over. */
export async function until<Answer>(what: string, ms: number, ask: () => Promise<Answer | undefined>): Promise<Answer> {
  const end = performance.now() + ms;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (performance.now() > end) throw new Error(`${what}: not within ${ms} ms`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
