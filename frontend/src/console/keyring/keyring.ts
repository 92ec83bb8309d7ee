import { computed, shallowRef, watch } from "vue";
import type { Bytes } from "@/keys/bytes";
import type { KeyPair } from "@/keys/hpke";
import { who } from "../session";
import { Idle } from "./idle";

/**
 * The private keys that were opened in this tab. They live in its memory only: never in storage, never in a request.
 *
 * They go when the person locks them, signs out, closes or reloads the tab, or does nothing for a quarter of an hour.
 */
const pairs = shallowRef<ReadonlyMap<string, KeyPair>>(new Map());
const secrets = new Map<string, Bytes>();

/** Whether keys are open; everything that was read with them must go from the page when they are not. */
export const keysOpen = computed(() => pairs.value.size > 0);

const idle = new Idle(lockNow);
const TOUCHES = ["pointerdown", "keydown", "wheel", "touchstart"] as const;
const touched = (): void => idle.hear();

/** Keeps a key pair open, by the id that the server knows it by. */
export function keepOpen(id: string, pair: KeyPair): void {
  pairs.value = new Map([...pairs.value, [id, pair]]);
  for (const touch of TOUCHES) document.addEventListener(touch, touched, { capture: true, passive: true });
  idle.hear();
}

/** Forgets every key; the bytes are overwritten so that they do not wait for the browser's own tidying. */
export function lockNow(): void {
  idle.stop();
  for (const touch of TOUCHES) document.removeEventListener(touch, touched, { capture: true });
  for (const pair of pairs.value.values()) pair.private.fill(0);
  for (const secret of secrets.values()) secret.fill(0);
  secrets.clear();
  pairs.value = new Map();
}

/** The opened pair of this id. */
export function pairOf(id: string): KeyPair | undefined {
  return pairs.value.get(id);
}

/** The private key of a case (or of its notes) that `open` finds, kept for as long as keys are open. */
export async function secretOf(name: string, open: () => Promise<Bytes | null>): Promise<Bytes | null> {
  const known = secrets.get(name);
  if (known) return known;
  const found = await open();
  if (found && keysOpen.value) secrets.set(name, found);
  return found;
}

// Signing out, and a session that ended, leave nothing behind.
watch(
  who,
  (now, before) => {
    if (now?.account_id !== before?.account_id) lockNow();
  },
  { flush: "sync" },
);
