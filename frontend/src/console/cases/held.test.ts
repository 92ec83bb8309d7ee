import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Held, type Step, WAIT } from "./held";

function step(done: string[], name: string): Step {
  return { words: name, send: async () => void done.push(`sent ${name}`), back: () => void done.push(`back ${name}`) };
}

describe("Held", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("sends a step once its ten seconds are over, and not before", async () => {
    const done: string[] = [];
    const held = new Held(() => undefined);
    held.hold(step(done, "thanks"));
    await vi.advanceTimersByTimeAsync(WAIT - 1);
    expect(done).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(done).toEqual(["sent thanks"]);
    expect(held.undo()).toBe(false);
  });

  it("takes a step back so that it is never sent", async () => {
    const done: string[] = [];
    const held = new Held(() => undefined);
    held.hold(step(done, "thanks"));
    expect(held.undo()).toBe(true);
    await vi.advanceTimersByTimeAsync(2 * WAIT);
    expect(done).toEqual(["back thanks"]);
  });

  it("sends the step before when another comes, and only then lets that one wait", async () => {
    const done: string[] = [];
    const told: (string | null)[] = [];
    const held = new Held((waiting) => told.push(waiting?.words ?? null));
    held.hold(step(done, "one"));
    held.hold(step(done, "two"));
    await vi.advanceTimersByTimeAsync(0);
    expect(done).toEqual(["sent one"]);
    await held.flush();
    expect(done).toEqual(["sent one", "sent two"]);
    expect(told).toEqual(["one", null, "two", null]);
  });

  it("sends in the order in which steps were taken, however long one takes", async () => {
    const done: string[] = [];
    const held = new Held(() => undefined);
    const slow = { ...step(done, "slow"), send: () => new Promise<void>((sent) => setTimeout(() => sent(void done.push("sent slow")), 500)) };
    held.hold(slow);
    held.hold(step(done, "two"));
    const all = held.flush(async () => void done.push("own"));
    await vi.advanceTimersByTimeAsync(500);
    await all;
    expect(done).toEqual(["sent slow", "sent two", "own"]);
  });
});
