import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ask, BUSY, NotSent, OFFLINE, SHUT } from "./sending";

const answers: (Response | Error)[] = [];
const asked = vi.fn(() => {
  const next = answers.shift();
  return next instanceof Response ? Promise.resolve(next) : Promise.reject(next ?? new Error("no answer is left"));
});

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("fetch", asked);
  asked.mockClear();
  answers.length = 0;
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const busy = (seconds: number): Response => new Response("", { status: 429, headers: { "retry-after": String(seconds) } });

describe("asking our server", () => {
  it("waits as long as it is told, says so, and asks again", async () => {
    answers.push(busy(7), Response.json({ kept: true }));
    const waiting = vi.fn();
    const answer = ask("/api/v1/receipts", "{}", waiting);
    await vi.advanceTimersByTimeAsync(6_900);
    expect(asked).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(3_700);
    expect(await answer).toEqual({ kept: true });
    expect(waiting).toHaveBeenCalledWith(7);
  });

  it.each([
    ["offline", new TypeError("offline"), new NotSent(OFFLINE)],
    ["closed", new Response("", { status: 503 }), new NotSent(SHUT, 503)],
    ["far too busy", busy(1_000), new NotSent(BUSY, 429)],
    ["refused", new Response("", { status: 422 }), new NotSent("", 422)],
  ])("gives up with words where it is %s", async (_name, given, error) => {
    answers.push(given);
    await expect(ask("/api/v1/cases", "{}")).rejects.toThrow(error);
  });
});
