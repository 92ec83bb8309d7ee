/** Receipts: 24 symbols that alone find a report again and open it. The same as `cases/sealing.py`, byte for byte. */

import { type Bytes, toDocument, utf8 } from "./bytes";
import { derived, openUnder, sha256 } from "./symmetric";

/** Crockford's base32: no I, L, O or U. */
export const SYMBOLS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const LENGTH = 24; // of 5 bits each: 120 bits

/** Draws a receipt from the system's generator. */
export function newReceipt(): string {
  const drawn = crypto.getRandomValues(new Uint8Array(LENGTH));
  return Array.from(drawn, (byte) => SYMBOLS[byte % 32]).join(""); // 256 is a multiple of 32: no symbol comes more often
}

/** A receipt as people read it: six groups of four. */
export function shown(receipt: string): string {
  return receipt.match(/.{4}/g)?.join("-") ?? "";
}

/** The symbols behind what somebody typed: any spaces, hyphens, small letters, O for 0, I or L for 1; null if none. */
export function normalise(typed: string): string | null {
  const symbols = typed
    .replace(/[^0-9A-Za-z]/g, "")
    .toUpperCase()
    .replaceAll("O", "0")
    .replace(/[IL]/g, "1");
  return symbols.length === LENGTH && !symbols.includes("U") ? symbols : null;
}

/** What is sent to find the case: it opens nothing that is sealed under the receipt. */
export function lookup(receipt: string): Promise<Bytes> {
  return derived(utf8(receipt), "earshot/receipt/lookup/v1");
}

/** What the server keeps of a lookup. */
export function receiptHash(lookup: Bytes): Promise<Bytes> {
  return sha256(lookup);
}

/** The key under which a receipt holds the case's private key. */
export function receiptKey(receipt: string): Promise<Bytes> {
  return derived(utf8(receipt), "earshot/receipt/key/v1");
}

/** Opens the answer to a lookup; throws `Unreadable` where the receipt finds nothing. */
export async function openBundle(lookup: Bytes, bundle: Bytes): Promise<Record<string, unknown>> {
  return toDocument(await openUnder(await derived(lookup, "earshot/receipt/bundle/v1"), bundle));
}
