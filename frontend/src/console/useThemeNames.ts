import { computed, type ComputedRef } from "vue";
import { themes } from "@/api/endpoints";
import { useLoad } from "@/ui/useLoad";

/** The names of the framework's themes, to choose from; none until they have come. */
export function useThemeNames(): ComputedRef<string[]> {
  const { data } = useLoad(() => 0, (signal) => themes.all({}, signal));
  return computed(() => data.value?.themes.map(({ theme }) => theme).filter((theme) => theme !== "Not assigned") ?? []);
}
