import { onScopeDispose, ref, watch } from "vue";
import { usePoll } from "@/ui/usePoll";
import { Idle } from "../keyring/idle";
import { lookAgain, quieten } from "./bell";

const BETWEEN_LOOKS = 60; // seconds
const UNATTENDED = 5 * 60_000;
const HEARD = ["pointerdown", "keydown", "wheel"] as const;

/**
 * Keeps the bell's count up to date while somebody who may hear it is there.
 *
 * Each look is a use of the session: where nobody has touched the page for five minutes the bell stops looking, so that a
 * computer that was left alone is still signed out.
 */
export function useBell(wanted: () => boolean): void {
  const attended = ref(true);
  const idle = new Idle(() => (attended.value = false), UNATTENDED);
  const hear = (): void => {
    attended.value = true;
    idle.hear();
  };
  hear();
  for (const event of HEARD) document.addEventListener(event, hear, { capture: true, passive: true });
  onScopeDispose(() => {
    for (const event of HEARD) document.removeEventListener(event, hear, { capture: true });
    idle.stop();
  });

  watch(wanted, (now) => (now ? void lookAgain() : quieten()), { immediate: true });
  watch(attended, (now) => void (now && wanted() && lookAgain()));
  usePoll(() => wanted() && attended.value, BETWEEN_LOOKS, lookAgain);
}
