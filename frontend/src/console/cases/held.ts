/** A step that was taken here but is not sent yet, so that it can be taken back as if it had never been. */
export interface Step {
  /** What is said while it waits: "Thanked K7Q2-MX4D." */
  words: string;
  send: () => Promise<void>;
  /** Puts the page back as it was. */
  back: () => void;
}

/** How long a step waits before it is sent. */
export const WAIT = 10_000;

/**
 * Holds one step for ten seconds; the next step, leaving the page or the clock sends it.
 *
 * `told` is called whenever the waiting step changes, with null when none waits. What goes wrong while sending is the sender's
 * to say: `send` must not throw.
 */
export class Held {
  #step: Step | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(readonly told: (waiting: Step | null) => void) {}

  /** Sends what waited before, and lets this step wait. */
  async hold(step: Step): Promise<void> {
    const before = this.#take();
    this.#step = step;
    this.#timer = setTimeout(() => void this.flush(), WAIT);
    this.told(step);
    await before?.send();
  }

  /** Sends what waits, now. */
  async flush(): Promise<void> {
    const step = this.#take();
    this.told(null);
    await step?.send();
  }

  /** Takes back what waits; false when it was sent already. */
  undo(): boolean {
    const step = this.#take();
    this.told(null);
    step?.back();
    return step !== null;
  }

  #take(): Step | null {
    clearTimeout(this.#timer);
    const step = this.#step;
    this.#step = null;
    return step;
  }
}
