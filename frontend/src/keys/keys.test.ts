import { describe, expect, it } from "vitest";
import {
  fromBase64, fromDocument, fromHex, keysWork, pad, random, toBase64, toDocument, toHex, unpad, Unreadable, utf8, uuidBytes,
} from "./bytes";
import * as cases from "./caseKeys";
import { newPair, open, seal } from "./hpke";
import { lockByPassphrase, unlockByPassphrase } from "./keyPair";
import { newReceipt, normalise, shown, SYMBOLS } from "./receipt";

const CASE = "00112233-4455-6677-8899-aabbccddeeff";

describe("bytes", () => {
  it("travel as base64, hex and documents, and come back", () => {
    const bytes = random(300);
    expect(fromBase64(toBase64(bytes))).toEqual(bytes);
    expect(fromHex(toHex(bytes))).toEqual(bytes);
    expect(toDocument(fromDocument({ text: "שלום 🙂" }))).toEqual({ text: "שלום 🙂" });
    expect(toHex(uuidBytes(CASE))).toBe(CASE.replaceAll("-", ""));
    expect(() => uuidBytes("0011")).toThrow(TypeError);
  });

  it("are padded to 256, and unpadded", () => {
    for (const length of [0, 1, 254, 255, 256, 511, 1000]) {
      const plain = random(length);
      expect(pad(plain).length % 256).toBe(0);
      expect(pad(plain).length - length).toBeLessThanOrEqual(256);
      expect(unpad(pad(plain))).toEqual(plain);
    }
  });

  it("that are no document are unreadable, and not quoted", () => {
    for (const wrong of [random(0), utf8("no marker"), pad(utf8("not json")), pad(utf8('["a list"]')), pad(utf8("null"))]) {
      expect(() => toDocument(wrong)).toThrow(Unreadable);
    }
  });
});

describe("sealing", () => {
  it("opens with the private half, in its own place only, whole only", async () => {
    const [pair, other] = [await newPair(), await newPair()];
    const sealed = await seal(pair.public, utf8("words"), utf8("row 1"));
    expect(await open(pair.private, sealed, utf8("row 1"))).toEqual(utf8("words"));
    for (const [key, text, place] of [
      [other.private, sealed, "row 1"],
      [pair.private, sealed, "row 2"],
      [pair.private, sealed.slice(0, -1), "row 1"],
      [pair.private, sealed.slice(0, 20), "row 1"],
      [pair.private, random(0), "row 1"],
    ] as const) {
      await expect(open(key, text, utf8(place))).rejects.toThrow(Unreadable);
    }
  });

  it("seals a view of a longer buffer as itself alone", async () => {
    const pair = await newPair();
    const view = random(64).subarray(16, 24);
    const sealed = await seal(pair.public, view, utf8("row"));
    expect(await open(pair.private, sealed, utf8("row"))).toEqual(view.slice());
  });

  it("hides the length of a text to 256 bytes", async () => {
    const pair = await cases.newCaseKeys();
    const lengths = new Set<number>();
    for (let n = 0; n < 600; n += 60) {
      lengths.add((await cases.sealText(pair.public, CASE, "report", { text: "x".repeat(n) })).length);
    }
    expect([...lengths]).toEqual([304, 560, 816]);
  });

  it("says whether this browser can seal", () => {
    expect(keysWork()).toBe(true);
  });
});

describe("a receipt", () => {
  it("has 120 bits, and every symbol comes everywhere", () => {
    const drawn = Array.from({ length: 2000 }, newReceipt);
    expect(new Set(drawn).size).toBe(drawn.length);
    expect(new Set(SYMBOLS).size).toBe(32);
    for (let place = 0; place < 24; place += 1) expect(new Set(drawn.map((one) => one[place])).size).toBe(32);
  });

  it("is read however it is typed", () => {
    const receipt = newReceipt();
    const typed = shown(receipt);
    expect(typed).toMatch(/^(\w{4}-){5}\w{4}$/);
    for (const way of [typed, typed.toLowerCase(), typed.replaceAll("-", " "), ` ${typed}\n`, typed.replaceAll("-", "‑")]) {
      expect(normalise(way)).toBe(receipt);
    }
    expect(normalise("oOiIlL0000111122223333ab")).toBe("0011110000111122223333AB");
    for (const wrong of ["", "K7Q2", "U".repeat(24), "0".repeat(23), "0".repeat(25)]) expect(normalise(wrong)).toBeNull();
  });
});

describe("a handler's key pair", () => {
  it("is locked by a passphrase, and tells how far it is", async () => {
    const pair = await newPair();
    const heard: number[] = [];
    const lock = await lockByPassphrase(pair, "four words make one", (done) => heard.push(done), { m: 64, t: 1, p: 1 });
    expect(heard.at(-1)).toBe(1);
    expect((await unlockByPassphrase(lock, pair.public, "four words make one")).private).toEqual(pair.private);
    await expect(unlockByPassphrase(lock, pair.public, "four words make two")).rejects.toThrow(Unreadable);
  });
});
