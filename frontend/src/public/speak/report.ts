/** A report, sealed on this device: the same formats as `cases/filing.py`. No DOM, no network. */

import { type Bytes, fromBase64, toBase64, toHex } from "../../keys/bytes";
import {
  contentHash, escrow, lockFor, newCaseKeys, newSalt, sealText, sealWrap, textHash, underReceipt,
} from "../../keys/caseKeys";
import { lookup, newReceipt, receiptHash } from "../../keys/receipt";

/** Somebody who may read reports about a place. */
export interface Handler {
  readonly account_id: string;
  readonly role: string;
  readonly pair_id: string;
  readonly public: string;
}

/** What a report about a place is sealed to now. */
export interface Place {
  readonly today: string;
  readonly handlers: readonly Handler[];
  readonly escrow: {
    readonly first_pair_id: string;
    readonly first_public: string;
    readonly second_pair_id: string;
    readonly second_public: string;
  } | null;
  readonly day_key: { readonly key_id: string; readonly public: string };
}

/** What somebody says, tidied. */
export interface Said {
  readonly link: string;
  readonly audience: string;
  readonly way: string;
  readonly text: string;
  readonly name: string;
  readonly reach: string;
  readonly not_to: string;
  readonly earlier: string;
  readonly excluded: readonly string[];
}

/** A sealed report, ready to be sent as often as it takes; only the receipt and the proof stay here. */
export interface Sealed {
  readonly body: string;
  readonly receipt: string;
  readonly proof: Readonly<Record<"day" | "case" | "salt" | "text" | "proof", string>>;
}

/** Those of a place who may read a report, as its writer asked. */
export function allowed(handlers: readonly Handler[], excluded: readonly string[]): Handler[] {
  return handlers.filter((one) => !excluded.includes(one.account_id) && !excluded.includes(one.role));
}

/** Seals a report to those who may read it, and keeps its key under a new receipt. */
export async function sealReport(said: Said, place: Place): Promise<Sealed> {
  const id = crypto.randomUUID();
  const [keys, receipt, readers] = [await newCaseKeys(), newReceipt(), allowed(place.handlers, said.excluded)];
  const salt = newSalt();
  const answers = said.earlier && { answers: { earlier: said.earlier } };
  const report = { text: said.text, ...answers, not_to: said.not_to, salt: toHex(salt) };
  const named = said.way !== "anonymous" && (said.name || said.reach);
  const contact = named ? await sealText(keys.public, id, "contact", { name: said.name, reach: said.reach }) : null;
  const text = await textHash(salt, said.text);
  const proof = await contentHash(id, place.today, text);
  const accounts = new Set(place.handlers.map((one) => one.account_id));
  const body = {
    link: said.link,
    once: crypto.randomUUID(),
    id,
    audience: said.audience,
    way: said.way,
    day: place.today,
    public: toBase64(keys.public),
    receipt_hash: toBase64(await receiptHash(await lookup(receipt))),
    receipt_sealed: toBase64(await underReceipt(id, keys.private, receipt)),
    content_hash: toBase64(proof),
    report: toBase64(await sealText(keys.public, id, "report", report)),
    contact: contact && toBase64(contact),
    wrap: {
      key_id: place.day_key.key_id,
      sealed: toBase64(await sealWrap(fromBase64(place.day_key.public), id, said.text, said.audience)),
    },
    locks: await Promise.all(readers.map((one) => lock(id, keys.private, one))),
    escrow: await sealedEscrow(id, keys.private, place, readers),
    excluded_accounts: said.excluded.filter((one) => accounts.has(one)),
    excluded_roles: said.excluded.filter((one) => !accounts.has(one)),
  };
  const printed = { salt: toHex(salt), text: toHex(text), proof: toHex(proof) };
  return { body: JSON.stringify(body), receipt, proof: { day: place.today, case: id.replaceAll("-", ""), ...printed } };
}

async function lock(id: string, secret: Bytes, handler: Handler): Promise<object> {
  return { pair_id: handler.pair_id, sealed: toBase64(await lockFor(id, secret, fromBase64(handler.public))) };
}

/** The key for two people together; left out as a whole where one of them must not see the report. */
async function sealedEscrow(id: string, secret: Bytes, place: Place, readers: readonly Handler[]): Promise<object | null> {
  const two = place.escrow;
  if (!two) return null;
  const barred = place.handlers.filter((one) => !readers.includes(one)).map((one) => one.pair_id);
  if (barred.includes(two.first_pair_id) || barred.includes(two.second_pair_id)) return null;
  const sealed = await escrow(id, secret, fromBase64(two.first_public), fromBase64(two.second_public));
  return { first_pair_id: two.first_pair_id, second_pair_id: two.second_pair_id, sealed: toBase64(sealed) };
}
