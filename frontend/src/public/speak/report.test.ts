import { describe, expect, it } from "vitest";
import { fromBase64, fromHex, toBase64, toHex } from "../../keys/bytes";
import { contentHash, escrowInner, openEscrow, openLock, openText, openUnderReceipt, textHash } from "../../keys/caseKeys";
import { type KeyPair, newPair } from "../../keys/hpke";
import { lookup, receiptHash } from "../../keys/receipt";
import { type Handler, type Place, type Said, sealReport } from "./report";
import { tidied, wrongWith } from "./speakPage";

const SAID: Said = {
  link: "ward4abc", audience: "staff", way: "anonymous", text: "Nobody answers the bells.", name: "Nora", reach: "",
  not_to: "My matron", earlier: "", excluded: [],
};
const handler = (name: string, role: string, pair: KeyPair): Handler => ({
  account_id: name, role, pair_id: `${name}-pair`, public: toBase64(pair.public),
});

async function house(): Promise<{ pairs: Record<string, KeyPair>; place: Place }> {
  const [grace, paul, first, second, day] = await Promise.all(Array.from({ length: 5 }, () => newPair())) as
    [KeyPair, KeyPair, KeyPair, KeyPair, KeyPair];
  const place: Place = {
    today: "2026-03-02",
    handlers: [handler("grace", "guardian", grace), handler("paul", "pals", paul)],
    escrow: {
      first_pair_id: "first", first_public: toBase64(first.public),
      second_pair_id: "second", second_public: toBase64(second.public),
    },
    day_key: { key_id: "2026-03-02", public: toBase64(day.public) },
  };
  return { pairs: { grace, paul, first, second }, place };
}

describe("a report", () => {
  it("opens for those who may read it and for the receipt, and for nobody by the body alone", async () => {
    const { pairs, place } = await house();
    const sealed = await sealReport(SAID, place);
    const body = JSON.parse(sealed.body);
    const key = await openLock(body.id, fromBase64(body.locks[0].sealed), pairs["grace"]!.private);
    expect(await openText(key, body.id, "report", fromBase64(body.report))).toEqual({
      text: SAID.text, not_to: "My matron", salt: sealed.proof.salt,
    });
    expect(await openUnderReceipt(body.id, fromBase64(body.receipt_sealed), sealed.receipt)).toEqual(key);
    expect(body.receipt_hash).toBe(toBase64(await receiptHash(await lookup(sealed.receipt))));
    const inner = await escrowInner(body.id, fromBase64(body.escrow.sealed), pairs["second"]!.private);
    expect(await openEscrow(body.id, inner, pairs["first"]!.private)).toEqual(key);
    expect(sealed.proof).toMatchObject({ day: "2026-03-02", case: body.id.replaceAll("-", ""), proof: toHex(fromBase64(body.content_hash)) });
    const { salt, text } = sealed.proof;
    const inBytes = [salt, text].map((one) => toBase64(fromHex(one)));
    for (const secret of [SAID.text, sealed.receipt, "matron", "Nora", salt, text, ...inBytes]) expect(sealed.body).not.toContain(secret);
  });

  it("draws a new salt each time, so that a guess at its words cannot be checked against its proof", async () => {
    const { place } = await house();
    const [one, other] = [(await sealReport(SAID, place)).proof, (await sealReport(SAID, place)).proof];
    expect(one.salt).toMatch(/^[0-9a-f]{32}$/);
    expect([one.salt === other.salt, one.text === other.text]).toEqual([false, false]);
    expect(one.text).toBe(toHex(await textHash(fromHex(one.salt), SAID.text)));
    expect(one.proof).toBe(toHex(await contentHash(one.case, one.day, fromHex(one.text))));
  });

  it("carries a name only where its writer wants to be known", async () => {
    const { pairs, place } = await house();
    expect(JSON.parse((await sealReport(SAID, place)).body).contact).toBeNull();
    const body = JSON.parse((await sealReport({ ...SAID, way: "confidential" }, place)).body);
    const key = await openLock(body.id, fromBase64(body.locks[1].sealed), pairs["paul"]!.private);
    expect(await openText(key, body.id, "contact", fromBase64(body.contact))).toEqual({ name: "Nora", reach: "" });
  });

  it("gives no key to people and roles that must not see it, nor to an escrow that they hold", async () => {
    const { place } = await house();
    const held = { ...place, escrow: { ...place.escrow!, first_pair_id: "paul-pair" } };
    const body = JSON.parse((await sealReport({ ...SAID, excluded: ["paul"] }, held)).body);
    expect(body.locks.map((one: { pair_id: string }) => one.pair_id)).toEqual(["grace-pair"]);
    expect([body.excluded_accounts, body.excluded_roles, body.escrow]).toEqual([["paul"], [], null]);
    const role = JSON.parse((await sealReport({ ...SAID, excluded: ["guardian"] }, place)).body);
    expect([role.locks.length, role.excluded_accounts, role.excluded_roles]).toEqual([1, [], ["guardian"]]);
  });
});

describe("what is wrong with a report", () => {
  const handlers = [{ account_id: "grace", role: "guardian", pair_id: "", public: "" }];
  it.each([
    [{}, []],
    [{ way: "" }, ["way"]],
    [{ text: "" }, ["text"]],
    [{ text: "😊".repeat(10_000) }, []],
    [{ text: "x".repeat(10_001) }, ["text"]],
    [{ way: "open", name: "" }, ["name"]],
    [{ way: "open", name: "", reach: "extension 5" }, []],
    [{ earlier: "x".repeat(301) }, ["earlier"]],
    [{ excluded: ["grace"] }, ["exclude"]],
    [{ excluded: ["guardian"] }, ["exclude"]],
  ])("is named by field: %o", (change, fields) => {
    expect(Object.keys(wrongWith({ ...SAID, ...change }, handlers))).toEqual(fields);
  });

  it("is looked for in the text as the server keeps it", () => {
    expect(tidied(" a\r\nb\rc\u0000\u0007\td \n")).toBe("a\nb\nc\td");
  });
});
