/** How long keys stay open while nobody does anything. */
export const IDLE = 15 * 60_000;

/** Calls `ended` once nothing has been heard for `wait` milliseconds; `hear` begins the wait anew, `stop` ends it. */
export class Idle {
  #timer: ReturnType<typeof setTimeout> | undefined;
  #ends = 0;

  constructor(
    readonly ended: () => void,
    readonly wait: number = IDLE,
  ) {}

  hear(): void {
    // A computer that slept does not run its clocks: what ended meanwhile must not live on because somebody came back.
    if (this.#ends && Date.now() >= this.#ends) return this.#end();
    clearTimeout(this.#timer);
    this.#ends = Date.now() + this.wait;
    this.#timer = setTimeout(() => this.#end(), this.wait);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#ends = 0;
  }

  #end(): void {
    this.stop();
    this.ended();
  }
}
