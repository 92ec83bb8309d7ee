import { onScopeDispose, watch } from "vue";

/** Calls `act` every `seconds` while `wanted` says so and the page is in view; a slow call is never overtaken. */
export function usePoll(wanted: () => boolean, seconds: number, act: () => Promise<void>): void {
  let timer: ReturnType<typeof setTimeout> | undefined;

  async function tick(): Promise<void> {
    if (!document.hidden) await act();
    if (wanted()) timer = setTimeout(tick, seconds * 1000);
  }

  watch(
    wanted,
    (on) => {
      clearTimeout(timer);
      if (on) timer = setTimeout(tick, seconds * 1000);
    },
    { immediate: true },
  );
  onScopeDispose(() => clearTimeout(timer));
}
