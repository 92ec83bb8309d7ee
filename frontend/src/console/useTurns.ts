import { asProblem } from "@/ui/useLoad";

/** Runs what may fail, one thing at a time, and says what went wrong. */
export function useTurns(say: (words: string) => void): (act: () => Promise<void>) => Promise<void> {
  let taken = false;
  return async (act) => {
    if (taken) return;
    taken = true;
    try {
      await act();
    } catch (error) {
      say(asProblem(error).message);
    } finally {
      taken = false;
    }
  };
}
