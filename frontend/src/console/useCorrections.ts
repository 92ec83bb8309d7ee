import { type Ref, ref } from "vue";
import { corrections } from "@/api/endpoints";
import type { Correction, NewCorrection } from "@/api/types";
import { asProblem, type Load, useLoad } from "@/ui/useLoad";

/** The corrections of one comment, and how to make one or take one back. */
export interface Correcting {
  list: Load<Correction[]>;
  sending: Readonly<Ref<boolean>>;
  trouble: Readonly<Ref<string | null>>;
  make: (body: NewCorrection) => Promise<Correction | null>;
  undo: (id: string) => Promise<boolean>;
}

/** Loads a comment's corrections; `changed` is called after each one that the server has taken. */
export function useCorrections(comment: () => string, changed: (made: Correction | null) => void): Correcting {
  const list = useLoad(comment, (signal) => corrections.of(comment(), signal));
  const sending = ref(false);
  const trouble = ref<string | null>(null);

  async function attempt<T>(act: () => Promise<T>, made: (answer: T) => Correction | null): Promise<T | undefined> {
    if (sending.value) return undefined;
    sending.value = true;
    trouble.value = null;
    try {
      const answer = await act();
      changed(made(answer));
      await list.again();
      return answer;
    } catch (error) {
      trouble.value = asProblem(error).message;
      return undefined;
    } finally {
      sending.value = false;
    }
  }

  return {
    list,
    sending,
    trouble,
    make: async (body) => (await attempt(() => corrections.make(comment(), body), (made) => made)) ?? null,
    undo: async (id) => (await attempt(() => corrections.undo(id), () => null)) === null,
  };
}
