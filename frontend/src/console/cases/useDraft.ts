import { computed, type WritableComputedRef } from "vue";
import { draft } from "./drafts";

/** What is being typed for a case, by what it is for; it outlives a reload of the case, but not the tab. */
export function useDraft(caseId: () => string, kind: string): WritableComputedRef<string> {
  return computed({
    get: () => draft(caseId(), kind).get(),
    set: (text) => draft(caseId(), kind).set(text),
  });
}
