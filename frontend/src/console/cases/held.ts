/** A step that was taken here but is not sent yet, so that it can be taken back as if it had never been. */
export interface Step {
  /** What is said while it waits: "Thanked K7Q2-MX4D." */
  words: string;
  /** What goes wrong while sending is the sender's to say: this must not throw. */
  send: () => Promise<void>;
  /** Puts the page back as it was. */
  back: () => void;
}

/** How long a step waits before it is sent. */
export const WAIT = 10_000;

/**
 * Holds one step for ten seconds; the next step, leaving the page or the clock sends it. Steps are sent one after another,
 * in the order in which they were taken.
 *
 * `told` is called whenever the waiting step changes, with null when none waits.
 */
export class Held {
  #step: Step | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #sending: Promise<void> = Promise.resolve();

  constructor(readonly told: (waiting: Step | null) => void) {}

  /** Lets this step wait, and sends the one that waited before. */
  hold(step: Step): void {
    void this.flush();
    this.#step = step;
    this.#timer = setTimeout(() => void this.flush(), WAIT);
    this.told(step);
  }

  /** Sends what waits, now, and `act` after it; done once everything was sent. */
  flush(act?: () => Promise<void>): Promise<void> {
    const step = this.#take();
    if (step) this.#sending = this.#sending.then(step.send);
    if (act) this.#sending = this.#sending.then(act);
    return this.#sending;
  }

  /** Takes back what waits; false when it was sent already. */
  undo(): boolean {
    const step = this.#take();
    step?.back();
    return step !== null;
  }

  #take(): Step | null {
    clearTimeout(this.#timer);
    const step = this.#step;
    this.#step = null;
    if (step) this.told(null);
    return step;
  }
}
