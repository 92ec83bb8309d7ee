/** The key pair of a case, and who can open it. The same as `cases/sealing.py`, byte for byte. */

import { type Bytes, fromDocument, joined, random, toDocument, utf8, uuidBytes } from "./bytes";
import { type KeyPair, newPair, open, seal } from "./hpke";
import { receiptKey } from "./receipt";
import { openUnder, sealUnder, sha256 } from "./symmetric";

export type TextKind =
  | "report" | "contact" | "reading" | "from_person" | "from_handler" | "note" | "hand_off" | "action" | "outcome";
export type LockKind = "lock-case" | "lock-notes";
export type Document = Record<string, unknown>;

/** Makes the pair of a new case, or of a case's notes. */
export const newCaseKeys: () => Promise<KeyPair> = newPair;

/** What a ciphertext is bound to: a case and a purpose. */
export function info(caseId: string, kind: string): Bytes {
  return joined(utf8("earshot/case/v1/"), uuidBytes(caseId), utf8(`/${kind}`));
}

/** The private key of a case, sealed to one handler. */
export function lockFor(caseId: string, secret: Bytes, handler: Bytes, kind: LockKind = "lock-case"): Promise<Bytes> {
  return seal(handler, secret, info(caseId, kind));
}

/** Opens what `lockFor` made with the handler's private key; throws `Unreadable`. */
export function openLock(caseId: string, sealed: Bytes, handler: Bytes, kind: LockKind = "lock-case"): Promise<Bytes> {
  return open(handler, sealed, info(caseId, kind));
}

/** The private key sealed to the first of two people, and that to the second: neither opens it alone. */
export async function escrow(caseId: string, secret: Bytes, first: Bytes, second: Bytes): Promise<Bytes> {
  const inner = await seal(first, secret, info(caseId, "escrow-first"));
  return seal(second, inner, info(caseId, "escrow-second"));
}

/** Takes the outer layer of an escrow off, with the second person's private key. */
export function escrowInner(caseId: string, sealed: Bytes, second: Bytes): Promise<Bytes> {
  return open(second, sealed, info(caseId, "escrow-second"));
}

/** Opens the inner layer of an escrow, with the first person's private key. */
export function openEscrow(caseId: string, inner: Bytes, first: Bytes): Promise<Bytes> {
  return open(first, inner, info(caseId, "escrow-first"));
}

/** The private key of a case under the receipt. */
export async function underReceipt(caseId: string, secret: Bytes, receipt: string): Promise<Bytes> {
  return sealUnder(await receiptKey(receipt), secret, info(caseId, "receipt"));
}

/** Opens what `underReceipt` made; throws `Unreadable`. */
export async function openUnderReceipt(caseId: string, sealed: Bytes, receipt: string): Promise<Bytes> {
  return openUnder(await receiptKey(receipt), sealed, info(caseId, "receipt"));
}

/** A text of a case, sealed to the case's public key (a note: to the notes' one). */
export function sealText(to: Bytes, caseId: string, kind: TextKind, document: Document): Promise<Bytes> {
  return seal(to, fromDocument(document), info(caseId, kind));
}

/** Opens what `sealText` made; throws `Unreadable`. */
export async function openText(secret: Bytes, caseId: string, kind: TextKind, sealed: Bytes): Promise<Document> {
  return toDocument(await open(secret, sealed, info(caseId, kind)));
}

/** The worker's own way to read a report, once, sealed to the public key of the day. */
export function sealWrap(day: Bytes, caseId: string, text: string, audience: string): Promise<Bytes> {
  return seal(day, fromDocument({ text, audience }), info(caseId, "wrap"));
}

/** What makes a report's words unlike any guess at them: 16 random bytes, sealed with them and never sent in clear. */
export function newSalt(): Bytes {
  return random(16);
}

/** The SHA-256 of the salt and a report's text, as the proof of filing shows it. */
export function textHash(salt: Bytes, text: string): Promise<Bytes> {
  return sha256(joined(salt, utf8(text)));
}

/** The proof of filing: SHA-256 over the case's id, the day (2026-03-02) and what `textHash` gives. */
export function contentHash(caseId: string, day: string, text: Bytes): Promise<Bytes> {
  return sha256(joined(utf8("earshot/filing/v2"), uuidBytes(caseId), utf8(day), text));
}
