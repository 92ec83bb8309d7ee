import { reactive, watch } from "vue";
import { who } from "../session";

/** What was typed and not sent yet, by what it is for; it lives in this tab's memory only and survives a reload of the data. */
const typed = reactive(new Map<string, string>());

/** A draft that keeps its words while the page around it is read again; it is forgotten when it is set to null. */
export function draft(caseId: string, kind: string): { get: () => string | null; set: (text: string | null) => void } {
  const key = `${caseId}/${kind}`;
  return {
    get: () => typed.get(key) ?? null,
    set: (text) => void (text === null ? typed.delete(key) : typed.set(key, text)),
  };
}

/** Whether something was typed that is not sent. */
export function hasDrafts(): boolean {
  return typed.size > 0;
}

// Nobody who signs in after me reads what I was about to write.
watch(
  who,
  (now, before) => {
    if (now?.account_id !== before?.account_id) typed.clear();
  },
  { flush: "sync" },
);
