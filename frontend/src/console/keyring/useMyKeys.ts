import { computed, type ComputedRef, shallowRef, watch } from "vue";
import { keys } from "@/api/keyEndpoints";
import type { KeyLock, MyKeys, MyPair } from "@/api/keys";
import { fromBase64, Unreadable } from "@/keys/bytes";
import type { KeyPair } from "@/keys/hpke";
import { type Stretching, unlockByPasskey, unlockByPassphrase } from "@/keys/keyPair";
import { who } from "../session";
import { keepOpen } from "./keyring";
import { askPasskey } from "./passkey";

/** What the server keeps of my keys, shared by all pages; null until it has come. */
const mine = shallowRef<MyKeys | null>(null);
export const myKeys: ComputedRef<MyKeys | null> = computed(() => mine.value);

watch(who, (now, before) => {
  if (now?.account_id !== before?.account_id) mine.value = null;
});

/** Reads my keys, once or again. Throws Problem. */
export async function readKeys(again = false): Promise<MyKeys> {
  if (!mine.value || again) mine.value = await keys.read(undefined);
  return mine.value;
}

/** Takes the server's newest answer about my keys. */
export function setKeys(answer: MyKeys): void {
  mine.value = answer;
}

/** My pairs that may open something: the one in use, and retired ones to which cases were sealed late. */
export const usefulPairs = ({ current, retired }: MyKeys): MyPair[] => [...(current ? [current] : []), ...retired.filter(({ cases }) => cases > 0)];

const locksOf = (pair: MyPair, kind: KeyLock["kind"]): KeyLock[] => pair.locks.filter((lock) => lock.kind === kind);

/** Opens one pair with a passphrase; throws `Unreadable` where none of its locks opens. */
async function byPassphrase(pair: MyPair, passphrase: string, told: (done: number) => void): Promise<KeyPair> {
  for (const { salt, settings, sealed } of locksOf(pair, "passphrase")) {
    const lock = { salt: fromBase64(salt), settings: settings as unknown as Stretching, sealed: fromBase64(sealed) };
    try {
      return await unlockByPassphrase(lock, fromBase64(pair.public), passphrase, told);
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
    }
  }
  throw new Unreadable();
}

/** Opens my keys with the passphrase; `told` hears the share of the work that is done. Throws `Unreadable` for a wrong one. */
export async function unlockWithPassphrase(passphrase: string, told: (done: number) => void): Promise<void> {
  const [first, ...others] = usefulPairs(await readKeys());
  if (!first) throw new Unreadable();
  keepOpen(first.id, await byPassphrase(first, passphrase, told));
  // Older pairs may have had another passphrase: what they alone open stays shut, and the queue says so.
  for (const pair of others) {
    const opened = await byPassphrase(pair, passphrase, told).catch(() => null);
    if (opened) keepOpen(pair.id, opened);
  }
}

/** My passkeys' locks of the pair in use. */
export const passkeyLocks = computed(() => (mine.value?.current ? locksOf(mine.value.current, "passkey") : []));

/** Opens my keys with one of my passkeys; throws `Unreadable` where it does not open them. */
export async function unlockWithPasskey(): Promise<void> {
  const pair = (await readKeys()).current;
  if (!pair) throw new Unreadable();
  const locks = locksOf(pair, "passkey");
  const asked = locks.map(({ credential_id, salt }) => ({ id: fromBase64(credential_id ?? ""), salt: fromBase64(salt) }));
  const { place, prf } = await askPasskey(asked);
  const lock = locks[place];
  if (!lock) throw new Unreadable();
  const opened = { salt: fromBase64(lock.salt), settings: {}, sealed: fromBase64(lock.sealed) };
  keepOpen(pair.id, await unlockByPasskey(opened, fromBase64(pair.public), prf));
}
