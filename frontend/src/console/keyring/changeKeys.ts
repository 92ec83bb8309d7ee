import { keys } from "@/api/keyEndpoints";
import type { CaseLock, MyKeys, MyPair, NewKeyLock } from "@/api/keys";
import { type Bytes, fromBase64, toBase64, Unreadable } from "@/keys/bytes";
import { lockFor, openLock } from "@/keys/caseKeys";
import type { KeyPair } from "@/keys/hpke";
import { type Lock, lockByPasskey, lockByPassphrase, newHandlerPair, newSalt } from "@/keys/keyPair";
import { keepOpen, pairOf } from "./keyring";
import { askPasskey } from "./passkey";
import { readKeys, setKeys } from "./useMyKeys";

/** Hears how much of a slow step is done, 0 to 1. */
export type Told = (done: number) => void;

/** My keys have to be open for what was asked. */
export class KeysLocked extends Error {
  constructor() {
    super("Unlock your keys first.");
    this.name = "KeysLocked";
  }
}

const sent = ({ salt, settings, sealed }: Lock, credential?: Bytes): NewKeyLock => ({
  kind: credential ? "passkey" : "passphrase",
  ...(credential ? { credential_id: toBase64(credential) } : { settings: settings as { m: number; t: number; p: number } }),
  salt: toBase64(salt),
  sealed: toBase64(sealed),
});

/** The pair in use, opened; throws `KeysLocked`. */
async function current(): Promise<{ mine: MyKeys; pair: MyPair; opened: KeyPair }> {
  const mine = await readKeys();
  const pair = mine.current;
  const opened = pair && pairOf(pair.id);
  if (!pair || !opened) throw new KeysLocked();
  return { mine, pair, opened };
}

/** Makes my key pair here and keeps it open; `lost` puts it in the place of one that nobody can open any longer. */
export async function makeKeys(passphrase: string, told: Told, lost = false): Promise<void> {
  const pair = await newHandlerPair();
  const lock = await lockByPassphrase(pair, passphrase, told);
  const answer = await keys.make({ public: toBase64(pair.public), lock: sent(lock), lost });
  setKeys(answer);
  if (answer.current) keepOpen(answer.current.id, pair);
}

/** Locks my keys under another passphrase; the old one opens nothing once the new one is kept. */
export async function changePassphrase(passphrase: string, told: Told): Promise<void> {
  const { pair, opened } = await current();
  const lock = await lockByPassphrase(opened, passphrase, told);
  const old = pair.locks.filter(({ kind }) => kind === "passphrase");
  await keys.addLock(sent(lock));
  for (const { id } of old) await keys.dropLock(id);
  await readKeys(true);
}

/** Lets a passkey of mine open my keys too. Throws `NoPasskey` where it cannot, `KeysLocked`. */
export async function addPasskey(): Promise<void> {
  const { opened } = await current();
  const salt = newSalt();
  const { id, prf } = await askPasskey([], salt);
  await keys.addLock(sent(await lockByPasskey(opened, prf, salt), id));
  await readKeys(true);
}

/** Takes away one way to open my keys; the server keeps the last one. */
export async function dropLock(id: string): Promise<void> {
  await keys.dropLock(id);
  await readKeys(true);
}

/** One lock for the new pair; null where none of my open keys opens the old one. */
async function resealed({ case_id, pair_id, opens, sealed }: CaseLock, to: Bytes): Promise<Omit<CaseLock, "pair_id"> | null> {
  const kind = opens === "case" ? "lock-case" : "lock-notes";
  const old = pairOf(pair_id);
  const secret = old && (await openLock(case_id, fromBase64(sealed), old.private, kind).catch(() => null));
  return secret ? { case_id, opens, sealed: toBase64(await lockFor(case_id, secret, to, kind)) } : null;
}

/** Every lock that my open keys open, once for each case and purpose, sealed to `to`. Throws `Unreadable` where one is left over. */
export async function allResealed(locks: readonly CaseLock[], to: Bytes, told: Told): Promise<Omit<CaseLock, "pair_id">[]> {
  const found = new Map<string, Omit<CaseLock, "pair_id">>();
  for (const [place, lock] of locks.entries()) {
    const made = await resealed(lock, to);
    if (made) found.set(`${made.case_id}/${made.opens}`, made);
    told((place + 1) / locks.length);
  }
  if (locks.some(({ case_id, opens }) => !found.has(`${case_id}/${opens}`))) throw new Unreadable();
  return [...found.values()];
}

/** Makes new keys, seals all that the old ones open to them, and retires the old ones. Throws `KeysLocked`, `Unreadable`. */
export async function rotate(passphrase: string, told: Told): Promise<void> {
  await current();
  const pair = await newHandlerPair();
  const lock = await lockByPassphrase(pair, passphrase, (done) => told(done / 2));
  const { locks } = await keys.caseLocks();
  const case_locks = await allResealed(locks, pair.public, (done) => told(0.5 + done / 2));
  const answer = await keys.rotate({ public: toBase64(pair.public), lock: sent(lock), case_locks });
  setKeys(answer);
  if (answer.current) keepOpen(answer.current.id, pair);
}
