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
    await held.hold(step(done, "thanks"));
    await vi.advanceTimersByTimeAsync(WAIT - 1);
    expect(done).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(done).toEqual(["sent thanks"]);
    expect(held.undo()).toBe(false);
  });

  it("takes a step back so that it is never sent", async () => {
    const done: string[] = [];
    const held = new Held(() => undefined);
    await held.hold(step(done, "thanks"));
    expect(held.undo()).toBe(true);
    await vi.advanceTimersByTimeAsync(2 * WAIT);
    expect(done).toEqual(["back thanks"]);
  });

  it("sends the step before when another comes, and only then lets that one wait", async () => {
    const done: string[] = [];
    const told: (string | null)[] = [];
    const held = new Held((waiting) => told.push(waiting?.words ?? null));
    await held.hold(step(done, "one"));
    await held.hold(step(done, "two"));
    expect(done).toEqual(["sent one"]);
    await held.flush();
    expect(done).toEqual(["sent one", "sent two"]);
    expect(told).toEqual(["one", "two", null]);
  });
});
