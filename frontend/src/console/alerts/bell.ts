import { computed, ref, shallowRef } from "vue";
import { type AlertCount, alerts } from "@/api/alerts";
import { newsWords } from "./alertWords";

const NONE: AlertCount = { unseen: 0, urgent: 0 };
const known = shallowRef<AlertCount>(NONE);
const heard = ref("");
let asked = false;

/** How many alerts wait to be seen; the same number at the bell and on the page of alerts. */
export const waiting = computed(() => known.value);
/** What came since the last look, to be read aloud politely. */
export const news = computed(() => heard.value);

/** Asks how many alerts wait. A bell is no place for errors: where the server cannot say, the last number stays. */
export async function lookAgain(): Promise<void> {
  const now = await alerts.count().catch(() => null);
  if (!now) return;
  // What was there before the page was opened is no news.
  heard.value = asked ? newsWords(known.value, now) : "";
  [known.value, asked] = [now, true];
}

/** Forgets the count, for when somebody else may sign in next. */
export function quieten(): void {
  [known.value, heard.value, asked] = [NONE, "", false];
}
