import type { CaseDetail, CaseItem, Lock, SealedKind, SealedText } from "@/api/cases";
import { type Bytes, fromBase64, toBase64, Unreadable } from "@/keys/bytes";
import { type Document, lockFor, newCaseKeys, openLock, openText, sealText } from "@/keys/caseKeys";
import { pairOf, secretOf } from "../keyring/keyring";
import { asReading, type Reading } from "./reading";

/** The private key behind the first of these locks that my open keys fit; null where none does. */
async function behind(caseId: string, locks: readonly Lock[]): Promise<Bytes | null> {
  for (const { pair_id, opens, sealed } of locks) {
    const pair = pairOf(pair_id);
    if (!pair) continue;
    try {
      return await openLock(caseId, fromBase64(sealed), pair.private, opens === "case" ? "lock-case" : "lock-notes");
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
    }
  }
  return null;
}

/** The private key of a case, or of its notes; null where I cannot open it. */
export function caseSecret(caseId: string, locks: readonly Lock[], opens: Lock["opens"] = "case"): Promise<Bytes | null> {
  const own = locks.filter((lock) => lock.opens === opens);
  return secretOf(`${caseId}/${opens}`, () => behind(caseId, own));
}

async function opened(secret: Bytes, caseId: string, kind: SealedKind, sealed: string): Promise<Document | null> {
  return openText(secret, caseId, kind, fromBase64(sealed)).catch((error: unknown) => {
    if (error instanceof Unreadable) return null;
    throw error;
  });
}

/** What the computer made of a report; null where there is no reading yet, or no key of mine opens it. */
export async function openReading(item: CaseItem): Promise<Reading | null> {
  if (!item.reading || !item.lock) return null;
  const secret = await caseSecret(item.id, [item.lock]);
  const document = secret && (await opened(secret, item.id, "reading", item.reading));
  return document && asReading(document);
}

/** One text of a case in clear; `document` is null where it could not be opened. */
export interface OpenText extends Omit<SealedText, "sealed"> {
  document: Document | null;
}

/** Opens all texts of a case; private notes have a key of their own. Null where I hold no key to the case. */
export async function openTexts(detail: CaseDetail): Promise<OpenText[] | null> {
  const { id } = detail.case;
  const [secret, notes] = [await caseSecret(id, detail.locks), await caseSecret(id, detail.locks, "notes")];
  if (!secret) return null;
  return Promise.all(
    detail.texts.map(async ({ sealed, ...text }) => {
      const key = text.kind === "note" ? notes : secret;
      return { ...text, document: key && (await opened(key, id, text.kind, sealed)) };
    }),
  );
}

/** A document's words under a name, or nothing where it has none. */
export function words(document: Document | null, name = "text"): string {
  const found = document?.[name];
  return typeof found === "string" ? found : "";
}

/** Seals a text to everybody who can open the case, the person with the receipt among them; a note is not for those. */
export async function sealed(detail: CaseDetail, kind: Exclude<SealedKind, "note">, document: Document): Promise<string> {
  return toBase64(await sealText(fromBase64(detail.public), detail.case.id, kind, document));
}

/** What goes with a private note: the first one makes the notes' own key, and a lock for every handler of the case. */
export async function sealedNote(detail: CaseDetail, text: string): Promise<{ sealed: string; notes_public?: string; locks?: Lock[] }> {
  const { id } = detail.case;
  const seal = async (to: Bytes): Promise<string> => toBase64(await sealText(to, id, "note", { text }));
  if (detail.notes_public) return { sealed: await seal(fromBase64(detail.notes_public)) };
  const pair = await newCaseKeys();
  const readers = detail.handlers.filter(({ has_lock }) => has_lock);
  const locks = await Promise.all(readers.map((one) => lockTo(id, one, pair.private, "notes")));
  return { sealed: await seal(pair.public), notes_public: toBase64(pair.public), locks };
}

async function lockTo(caseId: string, to: { pair_id: string; public: string }, secret: Bytes, opens: Lock["opens"]): Promise<Lock> {
  const kind = opens === "case" ? "lock-case" : "lock-notes";
  return { pair_id: to.pair_id, opens, sealed: toBase64(await lockFor(caseId, secret, fromBase64(to.public), kind)) };
}

/** Locks that let a colleague open the case, and its notes where I can open them; throws `Unreadable` where I cannot open it. */
export async function locksFor(detail: CaseDetail, to: { pair_id: string; public: string }): Promise<Lock[]> {
  const { id } = detail.case;
  const secret = await caseSecret(id, detail.locks);
  if (!secret) throw new Unreadable();
  const notes = detail.notes_public ? await caseSecret(id, detail.locks, "notes") : null;
  return [await lockTo(id, to, secret, "case"), ...(notes ? [await lockTo(id, to, notes, "notes")] : [])];
}
