import { reactive } from "vue";

/** What was typed and not sent yet, by what it is for; it lives in this tab's memory only and survives a reload of the data. */
const typed = reactive(new Map<string, string>());

/** A draft that keeps its words while the page around it is read again, and forgets them when it is set to nothing. */
export function draft(caseId: string, kind: string): { get: () => string; set: (text: string) => void } {
  const key = `${caseId}/${kind}`;
  return {
    get: () => typed.get(key) ?? "",
    set: (text) => void (text ? typed.set(key, text) : typed.delete(key)),
  };
}

/** Forgets every draft: when keys are locked, nobody who passes by may read what was being written. */
export function forgetDrafts(): void {
  typed.clear();
}

/** Whether something was typed that is not sent. */
export function hasDrafts(): boolean {
  return typed.size > 0;
}
