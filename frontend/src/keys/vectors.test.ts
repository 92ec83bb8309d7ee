import { readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { type Bytes, fromHex, toHex, Unreadable } from "./bytes";
import * as cases from "./caseKeys";
import * as pairs from "./keyPair";
import * as receipts from "./receipt";

interface Made {
  case_id: string;
  receipt: string;
  shown: string;
  lookup: string;
  receipt_hash: string;
  receipt_key: string;
  private: Record<"case" | "handler" | "first" | "second" | "day", string>;
  public: Record<"case" | "handler" | "first" | "second" | "day", string>;
  lock_case: string;
  lock_notes: string;
  escrow: string;
  under_receipt: string;
  report: { text: string; salt: string };
  report_sealed: string;
  wrap_sealed: string;
  day: string;
  text_hash: string;
  content_hash: string;
  bundle?: string;
  passphrase: string;
  passphrase_lock: { salt: string; settings: pairs.Stretching; sealed: string };
  passkey_lock: { prf: string; salt: string; sealed: string };
}

const path = (name: string): URL => new URL(name, import.meta.url);
const read = (name: string): Made => JSON.parse(readFileSync(path(name), "utf8")) as Made;
const SERVER = read("vectors.json");
const WRITING = process.env["WRITE_VECTORS"] === "1";

/** The same things as in the server's file, sealed here. */
async function madeHere(): Promise<Made> {
  const { case_id: id, report, receipt, day, passphrase } = SERVER;
  const secret = fromHex(SERVER.private.case);
  const open = (name: keyof Made["public"]): Bytes => fromHex(SERVER.public[name]);
  const pair = { public: open("handler"), private: fromHex(SERVER.private.handler) };
  const [lookup, salt, prf] = [await receipts.lookup(receipt), pairs.newSalt(), fromHex(SERVER.passkey_lock.prf)];
  const lock = await pairs.lockByPassphrase(pair, passphrase);
  const text = await cases.textHash(fromHex(report.salt), report.text);
  return {
    case_id: id,
    receipt,
    shown: receipts.shown(receipt),
    lookup: toHex(lookup),
    receipt_hash: toHex(await receipts.receiptHash(lookup)),
    receipt_key: toHex(await receipts.receiptKey(receipt)),
    private: SERVER.private,
    public: SERVER.public,
    lock_case: toHex(await cases.lockFor(id, secret, open("handler"))),
    lock_notes: toHex(await cases.lockFor(id, secret, open("handler"), "lock-notes")),
    escrow: toHex(await cases.escrow(id, secret, open("first"), open("second"))),
    under_receipt: toHex(await cases.underReceipt(id, secret, receipt)),
    report,
    report_sealed: toHex(await cases.sealText(open("case"), id, "report", { ...report })),
    wrap_sealed: toHex(await cases.sealWrap(open("day"), id, report.text, "staff")),
    day,
    text_hash: toHex(text),
    content_hash: toHex(await cases.contentHash(id, day, text)),
    passphrase,
    passphrase_lock: { salt: toHex(lock.salt), settings: lock.settings, sealed: toHex(lock.sealed) },
    passkey_lock: { prf: toHex(prf), salt: toHex(salt), sealed: toHex((await pairs.lockByPasskey(pair, prf, salt)).sealed) },
  };
}

if (WRITING) writeFileSync(path("made.json"), `${JSON.stringify(await madeHere(), null, 1)}\n`);

describe.each([
  ["the server", SERVER],
  ["a browser", read("made.json")],
])("what %s made", (_who, made) => {
  const secret = (name: keyof Made["private"]): Bytes => fromHex(made.private[name]);
  const id = made.case_id;

  it("names receipts alike", async () => {
    const lookup = await receipts.lookup(made.receipt);
    expect(receipts.shown(made.receipt)).toBe(made.shown);
    expect(receipts.normalise(made.shown.toLowerCase())).toBe(made.receipt);
    expect(toHex(lookup)).toBe(made.lookup);
    expect(toHex(await receipts.receiptHash(lookup))).toBe(made.receipt_hash);
    expect(toHex(await receipts.receiptKey(made.receipt))).toBe(made.receipt_key);
  });

  it("gives the case's key to its handler, its receipt, and two people together", async () => {
    expect(await cases.openLock(id, fromHex(made.lock_case), secret("handler"))).toEqual(secret("case"));
    expect(await cases.openLock(id, fromHex(made.lock_notes), secret("handler"), "lock-notes")).toEqual(secret("case"));
    expect(await cases.openUnderReceipt(id, fromHex(made.under_receipt), made.receipt)).toEqual(secret("case"));
    const inner = await cases.escrowInner(id, fromHex(made.escrow), secret("second"));
    expect(await cases.openEscrow(id, inner, secret("first"))).toEqual(secret("case"));
  });

  it("opens as text, in its own place only, and proves the filing", async () => {
    const sealed = fromHex(made.report_sealed);
    expect(await cases.openText(secret("case"), id, "report", sealed)).toEqual(made.report);
    await expect(cases.openText(secret("case"), id, "note", sealed)).rejects.toThrow(Unreadable);
    await expect(cases.openText(secret("handler"), id, "report", sealed)).rejects.toThrow(Unreadable);
    const text = await cases.textHash(fromHex(made.report.salt), made.report.text);
    expect(toHex(text)).toBe(made.text_hash);
    expect(toHex(await cases.contentHash(id, made.day, text))).toBe(made.content_hash);
  });

  it("unlocks with the passkey, and with no other", async () => {
    const { prf, salt, sealed } = made.passkey_lock;
    const lock = { salt: fromHex(salt), settings: {}, sealed: fromHex(sealed) };
    const open = fromHex(made.public.handler);
    expect((await pairs.unlockByPasskey(lock, open, fromHex(prf))).private).toEqual(secret("handler"));
    await expect(pairs.unlockByPasskey(lock, open, secret("day"))).rejects.toThrow(Unreadable);
  });
});

describe("what the server made", () => {
  it("answers a lookup", async () => {
    const bundle = fromHex(SERVER.bundle ?? "");
    expect(await receipts.openBundle(fromHex(SERVER.lookup), bundle)).toEqual(SERVER.report);
    await expect(receipts.openBundle(fromHex(SERVER.receipt_hash), bundle)).rejects.toThrow(Unreadable);
  });

  it("unlocks with the passphrase, however it is typed", async () => {
    const { salt, settings, sealed } = SERVER.passphrase_lock;
    const lock = { salt: fromHex(salt), settings, sealed: fromHex(sealed) };
    const typed = "fine cafe\u0301 1 words";
    const pair = await pairs.unlockByPassphrase(lock, fromHex(SERVER.public.handler), typed);
    expect(toHex(pair.private)).toBe(SERVER.private.handler);
  });
});
