import { type Ref, ref } from "vue";
import { Unreadable } from "@/keys/bytes";
import { asProblem } from "@/ui/useLoad";
import { KeysLocked } from "./changeKeys";
import { NoPasskey } from "./passkey";

/** Slow work with keys, one thing at a time: how far it is, what went wrong, and what was done. */
export interface KeyWork {
  done: Readonly<Ref<number | null>>;
  trouble: Ref<string | null>;
  said: Readonly<Ref<string>>;
  run: (act: (told: (done: number) => void) => Promise<unknown>, words: string) => Promise<boolean>;
}

const LEFT = "Some of what you can open needs older keys that are not open now. Nothing was changed.";

/** Words for what went wrong with keys. */
export function keyTrouble(error: unknown): string {
  if (error instanceof Unreadable) return LEFT;
  return error instanceof KeysLocked || error instanceof NoPasskey ? error.message : asProblem(error).message;
}

/** Runs work with keys; says whether it was done. */
export function useKeyWork(): KeyWork {
  const done = ref<number | null>(null);
  const trouble = ref<string | null>(null);
  const said = ref("");

  async function run(act: (told: (done: number) => void) => Promise<unknown>, words: string): Promise<boolean> {
    if (done.value !== null) return false;
    done.value = 0;
    trouble.value = null;
    said.value = "Working. This takes some seconds.";
    try {
      await act((share) => (done.value = share));
      said.value = words;
      return true;
    } catch (error) {
      trouble.value = keyTrouble(error);
      said.value = "";
      return false;
    } finally {
      done.value = null;
    }
  }

  return { done, trouble, said, run };
}
