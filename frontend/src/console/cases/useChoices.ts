import { readonly, type Ref, shallowRef } from "vue";
import { cases } from "@/api/caseEndpoints";
import type { CaseChoices } from "@/api/cases";

const known = shallowRef<CaseChoices | null>(null);
let asking: Promise<void> | null = null;

async function ask(): Promise<void> {
  try {
    known.value = await cases.choices();
  } catch {
    asking = null; // the page works without them: the next one asks again
  }
}

/** The codes that cases are triaged and closed with, asked for once and shared by all pages; null until they have come. */
export function useChoices(): Readonly<Ref<CaseChoices | null>> {
  asking ??= ask();
  return readonly(known) as Readonly<Ref<CaseChoices | null>>;
}
