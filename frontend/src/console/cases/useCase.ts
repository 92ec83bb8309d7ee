import { computed, reactive, ref, type ShallowRef, shallowRef, watch } from "vue";
import { cases, type Seen } from "@/api/caseEndpoints";
import type { CaseDetail, CaseItem } from "@/api/cases";
import type { Problem } from "@/api/client";
import { Unreadable } from "@/keys/bytes";
import { asProblem, useLoad } from "@/ui/useLoad";
import { keysOpen } from "../keyring/keyring";
import { openReading, openTexts, type OpenText } from "./opened";
import type { Reading } from "./reading";

/** One case, opened here as far as my keys go, and what is done with it. */
export interface OneCase {
  detail: CaseDetail | null;
  problem: Problem | null;
  busy: boolean;
  /** Null while the keys are locked, and where none of mine opens the case. */
  texts: readonly OpenText[] | null;
  reading: Reading | null;
  opening: boolean;
  said: string;
  trouble: string | null;
  /** Whether somebody else changed the case since it was loaded: nothing is sent until it was loaded again. */
  stale: boolean;
  /** Sends a change upon the version in view and loads the case again; says whether it was taken. */
  act: (step: (seen: Seen, detail: CaseDetail) => Promise<CaseItem>, words: string) => Promise<boolean>;
  again: () => Promise<void>;
}

/** Loads and opens a case. What people typed in its forms is theirs: nothing here touches it. */
export function useCase(id: () => string): OneCase {
  const load = useLoad(id, (abort) => cases.one(id(), abort));
  const { texts, reading, opening } = useOpened(load.data);
  const said = ref("");
  const trouble = ref<string | null>(null);
  const stale = ref(false);
  let sending = false;

  async function again(): Promise<void> {
    await load.again();
    if (load.problem.value) return;
    stale.value = false;
    trouble.value = null;
  }

  async function act(step: (seen: Seen, detail: CaseDetail) => Promise<CaseItem>, words: string): Promise<boolean> {
    const detail = load.data.value;
    if (!detail || sending || stale.value) return false;
    sending = true;
    trouble.value = null;
    said.value = "";
    try {
      await step({ id: detail.case.id, version: detail.case.version }, detail);
      await again();
      said.value = words;
      return true;
    } catch (error) {
      const problem = asProblem(error);
      stale.value = problem.status === 412;
      if (!stale.value) trouble.value = error instanceof Unreadable ? error.message : problem.message;
      return false;
    } finally {
      sending = false;
    }
  }

  return reactive({ detail: load.data, problem: load.problem, busy: load.busy, texts, reading, opening, said, trouble, stale, act, again }) as OneCase;
}

interface Opened {
  texts: ShallowRef<readonly OpenText[] | null>;
  reading: ShallowRef<Reading | null>;
  opening: ShallowRef<boolean>;
}

/** Opens a case's texts whenever it was loaded or keys were opened, and forgets them when keys are locked. */
function useOpened(data: Readonly<ShallowRef<CaseDetail | null>>): Opened {
  const texts = shallowRef<readonly OpenText[] | null>(null);
  const reading = shallowRef<Reading | null>(null);
  const opening = shallowRef(false);
  let run = 0;

  async function open(): Promise<void> {
    const mine = ++run;
    const detail = data.value;
    if (!detail || !keysOpen.value) {
      texts.value = reading.value = null;
      return;
    }
    opening.value = true;
    const [found, read] = [await openTexts(detail), await openReading(detail.case)];
    if (mine !== run) return;
    texts.value = keysOpen.value ? found : null;
    reading.value = keysOpen.value ? read : null;
    opening.value = false;
  }

  const key = computed(() => [data.value, keysOpen.value] as const);
  watch(key, open, { immediate: true });
  return { texts, reading, opening };
}
