import { readonly, type Ref, shallowRef } from "vue";
import { frameworks } from "@/api/endpoints";
import type { Frameworks } from "@/api/types";

const known = shallowRef<Frameworks | null>(null);
let asking: Promise<void> | null = null;

async function ask(): Promise<void> {
  try {
    known.value = await frameworks();
  } catch {
    asking = null; // the page works without them: the next one asks again
  }
}

/** The frameworks and mappings, asked for once and shared by all pages; null until they have come. */
export function useFrameworks(): Readonly<Ref<Frameworks | null>> {
  asking ??= ask();
  return readonly(known) as Readonly<Ref<Frameworks | null>>;
}
