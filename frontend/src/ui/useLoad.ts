import { onScopeDispose, type Ref, ref, shallowRef, watch } from "vue";
import { Problem } from "@/api/client";

/** Something that comes from the server: what came, what went wrong, and whether more is on its way. */
export interface Load<T> {
  data: Readonly<Ref<T | null>>;
  problem: Readonly<Ref<Problem | null>>;
  busy: Readonly<Ref<boolean>>;
  again: () => Promise<void>;
}

/** Makes a Problem of anything that was thrown, so that a page can always say what to do. */
export function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  return new Problem(0, "Something went wrong", "Load the page again. If it happens again, tell the person who runs Earshot.");
}

/**
 * Loads when the page opens and again whenever `key` changes; an answer that comes too late is thrown away.
 *
 * The old data stay in view while new ones are on their way, so that the page does not jump.
 */
export function useLoad<T>(key: () => unknown, load: (signal: AbortSignal) => Promise<T>): Load<T> {
  const data = shallowRef<T | null>(null);
  const problem = shallowRef<Problem | null>(null);
  const busy = ref(false);
  let current = new AbortController();

  async function again(): Promise<void> {
    current.abort();
    const mine = (current = new AbortController());
    busy.value = true;
    try {
      const answer = await load(mine.signal);
      if (mine.signal.aborted) return;
      data.value = answer;
      problem.value = null;
    } catch (error) {
      if (!mine.signal.aborted) problem.value = asProblem(error);
    } finally {
      if (mine === current) busy.value = false;
    }
  }

  watch(() => JSON.stringify(key()), again, { immediate: true });
  onScopeDispose(() => current.abort());
  return { data, problem, busy, again };
}
