/** Requests to our own address: what came back, and what to say when nothing did. */

const PATIENCE = 30_000; // milliseconds for one request
const QUEUE = 120_000; // milliseconds in all for which "come back later" is obeyed

/** Nothing was kept; the message says what to do. */
export class NotSent extends Error {
  constructor(message: string, readonly status = 0) {
    super(message);
    this.name = "NotSent";
  }
}

export const OFFLINE = "This device is offline, or our server cannot be reached.";
export const SHUT = "We cannot keep this safely just now. Please try again in a few minutes.";
export const BUSY = "Too many people came at once. Please wait a minute and try again.";

const pause = (milliseconds: number): Promise<void> => new Promise((done) => setTimeout(done, milliseconds));

async function once(path: string, body?: string): Promise<Response> {
  const write = { method: "POST", body: body ?? null, headers: { "content-type": "application/json" } };
  try {
    return await fetch(path, { ...(body !== undefined && write), signal: AbortSignal.timeout(PATIENCE), cache: "no-store" });
  } catch {
    throw new NotSent(OFFLINE);
  }
}

/** Asks our server, and waits where it says that too many came at once; throws `NotSent`. */
export async function ask(path: string, body?: string, waiting?: (seconds: number) => void): Promise<unknown> {
  const ends = Date.now() + QUEUE;
  for (;;) {
    const answer = await once(path, body);
    if (answer.ok) return answer.json();
    const seconds = Number(answer.headers.get("retry-after")) || 5;
    if (answer.status !== 429) throw new NotSent(answer.status >= 500 ? SHUT : "", answer.status);
    if (Date.now() + seconds * 1000 > ends) throw new NotSent(BUSY, 429);
    waiting?.(seconds);
    await pause(seconds * 1000 * (1 + Math.random() / 2));
  }
}
