import { computed, type Ref, ref, shallowRef, watch } from "vue";
import type { CaseItem } from "@/api/cases";
import { keysOpen } from "../keyring/keyring";
import { openReading } from "./opened";
import type { Reading } from "./reading";

/** Readings by the id of their case, as far as my keys open them. */
export interface Opened {
  readings: Readonly<Ref<ReadonlyMap<string, Reading>>>;
  opening: Readonly<Ref<boolean>>;
}

/** Opens the readings of cases, a few at a time so that the page stays alive; they go when the keys are locked. */
export function useReadings(known: Readonly<Ref<readonly CaseItem[]>>): Opened {
  const readings = shallowRef<ReadonlyMap<string, Reading>>(new Map());
  const opening = ref(false);
  let run = 0;

  async function openAll(): Promise<void> {
    const mine = ++run;
    const found = new Map([...readings.value].filter(([id]) => keysOpen.value && known.value.some((item) => item.id === id)));
    opening.value = keysOpen.value;
    for (const [place, item] of known.value.entries()) {
      if (mine !== run || !keysOpen.value) break;
      const reading = found.get(item.id) ?? (await openReading(item));
      if (reading) found.set(item.id, reading);
      if (place % 8 === 7) await new Promise((go) => setTimeout(go));
    }
    if (mine !== run) return;
    readings.value = keysOpen.value ? found : new Map();
    opening.value = false;
  }

  const names = computed(() => known.value.map(({ id, reading }) => `${id}${reading !== null}`).join());
  watch([names, keysOpen], openAll, { immediate: true });
  return { readings, opening };
}
