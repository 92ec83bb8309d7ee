import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { CaseDetail, CaseItem } from "@/api/cases";
import { fromBase64, toBase64, Unreadable } from "@/keys/bytes";
import { lockFor, newCaseKeys, openLock, openText, sealText } from "@/keys/caseKeys";
import type { KeyPair } from "@/keys/hpke";
import { newHandlerPair } from "@/keys/keyPair";
import { keepOpen, lockNow } from "../keyring/keyring";
import { caseSecret, locksFor, openReading, openTexts, sealed, sealedNote, words } from "./opened";

const ID = "5f0c7a5e-4b3c-4d43-9b52-0d8f4a6b1c11";
let mine: KeyPair;
let of: KeyPair;
let detail: CaseDetail;

beforeEach(async () => {
  [mine, of] = await Promise.all([newHandlerPair(), newCaseKeys()]);
  const seal = async (kind: "reading" | "report", document: Record<string, unknown>): Promise<string> =>
    toBase64(await sealText(of.public, ID, kind, document));
  const lock = { pair_id: "mine", opens: "case" as const, sealed: toBase64(await lockFor(ID, of.private, mine.public)) };
  const item = { id: ID, lock, reading: await seal("reading", { text: "Nurse [name 1] was alone.", elements: [] }) } as unknown as CaseItem;
  detail = {
    case: item,
    public: toBase64(of.public),
    notes_public: null,
    locks: [lock],
    texts: [{ n: 1, kind: "report", on_day: "2026-03-02", by: null, sealed: await seal("report", { text: "Nurse Joy was alone." }) }],
    handlers: [{ pair_id: "mine", public: toBase64(mine.public), has_lock: true }],
  } as unknown as CaseDetail;
});
afterEach(lockNow);
// Keys listen to the page for signs of life.
beforeAll(() => void vi.stubGlobal("document", new EventTarget()));
afterAll(() => void vi.unstubAllGlobals());

describe("with my keys open", () => {
  beforeEach(() => keepOpen("mine", mine));

  it("readings and texts can be read", async () => {
    expect((await openReading(detail.case))?.text).toBe("Nurse [name 1] was alone.");
    expect(words((await openTexts(detail))?.[0]?.document ?? null)).toBe("Nurse Joy was alone.");
  });

  it("an answer is sealed so that the case's key opens it, and for no other purpose", async () => {
    const answer = fromBase64(await sealed(detail, "from_handler", { text: "Thank you." }));
    expect(await openText(of.private, ID, "from_handler", answer)).toEqual({ text: "Thank you." });
    await expect(openText(of.private, ID, "outcome", answer)).rejects.toThrow(Unreadable);
  });

  it("the first note brings a key of its own that the holder of the case's key lacks", async () => {
    const note = await sealedNote(detail, "Ask the matron.");
    const [lock] = note.locks ?? [];
    const key = await openLock(ID, fromBase64(lock?.sealed ?? ""), mine.private, "lock-notes");
    expect(await openText(key, ID, "note", fromBase64(note.sealed))).toEqual({ text: "Ask the matron." });
    await expect(openText(of.private, ID, "note", fromBase64(note.sealed))).rejects.toThrow(Unreadable);
  });

  it("a colleague can be let in", async () => {
    const colleague = await newHandlerPair();
    const [lock, ...others] = await locksFor(detail, { pair_id: "theirs", public: toBase64(colleague.public) });
    expect([lock?.pair_id, lock?.opens, others]).toEqual(["theirs", "case", []]);
    expect(await openLock(ID, fromBase64(lock?.sealed ?? ""), colleague.private)).toEqual(of.private);
  });
});

describe("with my keys locked", () => {
  it("nothing can be read and nobody can be let in", async () => {
    expect(await openReading(detail.case)).toBeNull();
    expect(await openTexts(detail)).toBeNull();
    expect(await caseSecret(ID, detail.locks)).toBeNull();
    await expect(locksFor(detail, { pair_id: "x", public: toBase64(mine.public) })).rejects.toThrow(Unreadable);
  });
});

it("somebody else's keys open nothing", async () => {
  keepOpen("mine", await newHandlerPair());
  expect(await openReading(detail.case)).toBeNull();
});
