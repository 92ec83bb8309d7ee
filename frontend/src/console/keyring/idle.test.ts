import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Idle } from "./idle";

describe("Idle", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("ends when nothing was heard for the whole wait", () => {
    const ended = vi.fn();
    const idle = new Idle(ended, 1000);
    idle.hear();
    vi.advanceTimersByTime(900);
    idle.hear();
    vi.advanceTimersByTime(999);
    expect(ended).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(ended).toHaveBeenCalledOnce();
  });

  it("ends at the first touch after a sleep in which the clocks stood still", () => {
    const ended = vi.fn();
    const idle = new Idle(ended, 1000);
    idle.hear();
    vi.setSystemTime(Date.now() + 5000);
    idle.hear();
    expect(ended).toHaveBeenCalledOnce();
  });

  it("never ends once it was stopped", () => {
    const ended = vi.fn();
    const idle = new Idle(ended, 1000);
    idle.hear();
    idle.stop();
    vi.advanceTimersByTime(5000);
    expect(ended).not.toHaveBeenCalled();
  });
});
