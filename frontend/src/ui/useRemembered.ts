import { type Ref, ref, watch } from "vue";

/** A choice that this browser remembers; where it may not, the choice holds until the page is left. */
export function useRemembered(name: string, otherwise: boolean): Ref<boolean> {
  const choice = ref(otherwise);
  try {
    choice.value = (localStorage.getItem(name) ?? String(otherwise)) === "true";
    watch(choice, (now) => localStorage.setItem(name, String(now)));
  } catch {
    return choice;
  }
  return choice;
}
