import { computed, onScopeDispose, type WritableComputedRef } from "vue";
import { draft, hasDrafts } from "./drafts";

/** What is being typed for a case, by what it is for; it outlives a reload of the case, but not the tab. */
export function useDraft(caseId: () => string, kind: string): WritableComputedRef<string> {
  return computed({
    get: () => draft(caseId(), kind).get() ?? "",
    set: (text) => draft(caseId(), kind).set(text || null),
  });
}

/** Lets the browser ask before the tab is closed over something that was typed and not sent. */
export function useLeaveWarning(): void {
  const leaving = (event: BeforeUnloadEvent): void => {
    if (hasDrafts()) event.preventDefault();
  };
  addEventListener("beforeunload", leaving);
  onScopeDispose(() => removeEventListener("beforeunload", leaving));
}
