import { describe, expect, it } from "vitest";
import type { ReturnPack } from "@/api/returns";
import { readAsk, readTyped, writeAsk } from "./asking";

const period = (first: string, last: string) => ({ first, last, label: first, opens_on: last, closes_on: last });
const pack = (id: string, more: Partial<ReturnPack> = {}): ReturnPack => ({
  id,
  title: id,
  version: "1",
  about: "",
  kind: "quarter",
  may_send: true,
  periods: [period("2026-10-01", "2026-12-31"), period("2026-07-01", "2026-09-30")],
  places: [
    { id: "p1", name: "One", ods_code: null },
    { id: "p2", name: "Two", ods_code: "ZZF" },
  ],
  sources: [],
  check: [],
  ...more,
});
const packs = [pack("empty", { places: [] }), pack("nhse-2026"), pack("fft-monthly", { may_send: false })];

describe("which return an address asks for", () => {
  it("is the first that can be made, for the newest period that has ended, with small numbers hidden", () => {
    expect(readAsk({}, packs, "2026-11-22")).toEqual({ pack: "nhse-2026", org: "p1", period: "2026-07-01", sent: null, exact: false });
  });

  it("is what the address names", () => {
    const query = { return: "nhse-2026", place: "p2", period: "2026-10-01", exact: "true", sent: "x" };
    expect(readAsk(query, packs, "2026-11-22")).toEqual({ pack: "nhse-2026", org: "p2", period: "2026-10-01", sent: "x", exact: true });
  });

  it("never shows small numbers of a return that one does not send", () => {
    expect(readAsk({ return: "fft-monthly", exact: "true" }, packs, "2026-11-22")?.exact).toBe(false);
  });

  it("is none where there is no provider to make it for", () => {
    expect(readAsk({}, [pack("empty", { places: [] })], "2026-11-22")).toBeNull();
  });
});

describe("the address of a return", () => {
  const ask = { pack: "nhse-2026", org: "p1", period: "2026-07-01", sent: "x", exact: true };

  it("leaves what was sent behind when the period changes", () => {
    expect(writeAsk(ask, { period: "2026-10-01" })).toMatchObject({ period: "2026-10-01", sent: undefined, exact: "true" });
  });

  it("leaves the period behind when the return changes, since others count by months", () => {
    expect(writeAsk(ask, { pack: "fft-monthly" })).toMatchObject({ return: "fft-monthly", period: undefined });
  });

  it("keeps what was sent when only the small numbers change", () => {
    expect(writeAsk(ask, { exact: false })).toMatchObject({ sent: "x", exact: undefined });
  });
});

describe("numbers as people type them", () => {
  it("may have commas and spaces, and an empty one takes the number away", () => {
    expect(readTyped({ a: "4,100", b: " 12 ", c: "" })).toEqual({ values: { a: 4100, b: 12, c: null }, wrong: [] });
  });

  it("are refused by name when they are none", () => {
    expect(readTyped({ a: "about 12", b: "-3", c: "1.5", d: "99999999" }).wrong).toEqual(["a", "b", "c", "d"]);
  });
});
