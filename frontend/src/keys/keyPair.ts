/** A handler's own key pair: the private half leaves this browser only locked. The same as `cases/key_pairs.py`. */

import { argon2idAsync } from "@noble/hashes/argon2.js";
import { type Bytes, joined, random, utf8 } from "./bytes";
import { type KeyPair, newPair } from "./hpke";
import { derived, openUnder, sealUnder } from "./symmetric";

/** Settings of Argon2id: KiB, passes, lanes. */
export interface Stretching {
  readonly m: number;
  readonly t: number;
  readonly p: number;
}

/** A private key under a passphrase or a passkey; a passkey's lock has no settings. */
export interface Lock {
  readonly salt: Bytes;
  readonly settings: Stretching | Record<string, never>;
  readonly sealed: Bytes;
}

/** 64 MiB and 3 passes (RFC 9106, second recommendation) with one lane: some seconds in a browser. */
export const ARGON2ID: Stretching = { m: 65536, t: 3, p: 1 };

/** Makes a handler's pair. */
export const newHandlerPair: () => Promise<KeyPair> = newPair;

const bound = (open: Bytes): Bytes => joined(utf8("earshot/keypair/v1/"), open);

/** Argon2id of the passphrase in Unicode's form NFKC, so that every keyboard types the same one. */
async function stretched(passphrase: string, salt: Bytes, settings: Stretching, onProgress?: (done: number) => void) {
  const options = { ...settings, dkLen: 32, asyncTick: 50, ...(onProgress ? { onProgress } : {}) };
  return new Uint8Array(await argon2idAsync(utf8(passphrase.normalize("NFKC")), salt, options));
}

/** Locks a pair under a passphrase; `onProgress` hears the share that is done, 0 to 1. */
export async function lockByPassphrase(
  pair: KeyPair,
  passphrase: string,
  onProgress?: (done: number) => void,
  settings: Stretching = ARGON2ID,
): Promise<Lock & { readonly settings: Stretching }> {
  const salt = random(16);
  const key = await stretched(passphrase, salt, settings, onProgress);
  return { salt, settings, sealed: await sealUnder(key, pair.private, bound(pair.public)) };
}

/** Opens a passphrase's lock; throws `Unreadable` for another passphrase. */
export async function unlockByPassphrase(
  lock: Lock & { readonly settings: Stretching },
  open: Bytes,
  passphrase: string,
  onProgress?: (done: number) => void,
): Promise<KeyPair> {
  const key = await stretched(passphrase, lock.salt, lock.settings, onProgress);
  return { public: open, private: await openUnder(key, lock.sealed, bound(open)) };
}

/** A salt for a passkey's lock: it is also what the passkey's PRF is asked to evaluate. */
export function newSalt(): Bytes {
  return random(32);
}

const passkeyKey = (prf: Bytes, salt: Bytes): Promise<Bytes> => derived(prf, "earshot/keypair/prf/v1", salt);

/** Locks a pair under what a passkey's PRF answered for `salt`. */
export async function lockByPasskey(pair: KeyPair, prf: Bytes, salt: Bytes): Promise<Lock> {
  const sealed = await sealUnder(await passkeyKey(prf, salt), pair.private, bound(pair.public));
  return { salt, settings: {}, sealed };
}

/** Opens a passkey's lock; throws `Unreadable` for another passkey. */
export async function unlockByPasskey(lock: Lock, open: Bytes, prf: Bytes): Promise<KeyPair> {
  return { public: open, private: await openUnder(await passkeyKey(prf, lock.salt), lock.sealed, bound(open)) };
}
