/** Hashes, and sealing under one secret, through the browser's own cryptography. */

import { type Bytes, joined, random, Unreadable, utf8 } from "./bytes";

const NONCE = 12;
const NOTHING: Bytes = new Uint8Array();

export async function sha256(bytes: Bytes): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
}

/** HKDF-SHA256 (RFC 5869), 32 bytes. */
export async function derived(secret: Bytes, purpose: string, salt: Bytes = NOTHING): Promise<Bytes> {
  const key = await crypto.subtle.importKey("raw", secret, "HKDF", false, ["deriveBits"]);
  const bits = await crypto.subtle.deriveBits({ name: "HKDF", hash: "SHA-256", salt, info: utf8(purpose) }, key, 256);
  return new Uint8Array(bits);
}

/** Seals under a key of 32 bytes (AES-256-GCM): nonce (12 bytes), then the ciphertext. `bound` must be given again. */
export async function sealUnder(key: Bytes, plain: Bytes, bound: Bytes = NOTHING): Promise<Bytes> {
  const nonce = random(NONCE);
  const aes = await crypto.subtle.importKey("raw", key, "AES-GCM", false, ["encrypt"]);
  const sealed = await crypto.subtle.encrypt({ name: "AES-GCM", iv: nonce, additionalData: bound }, aes, plain);
  return joined(nonce, new Uint8Array(sealed));
}

/** Opens what `sealUnder` made; throws `Unreadable`. */
export async function openUnder(key: Bytes, sealed: Bytes, bound: Bytes = NOTHING): Promise<Bytes> {
  const [iv, rest] = [sealed.slice(0, NONCE), sealed.slice(NONCE)];
  const aes = await crypto.subtle.importKey("raw", key, "AES-GCM", false, ["decrypt"]);
  try {
    return new Uint8Array(await crypto.subtle.decrypt({ name: "AES-GCM", iv, additionalData: bound }, aes, rest));
  } catch {
    throw new Unreadable();
  }
}
