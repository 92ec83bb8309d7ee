import { describe, expect, it } from "vitest";
import { asked, type KeyForm, yearFrom } from "./keyForm";

const FORM: KeyForm = { name: " Power BI ", org: "o-1", streams: ["patient"], may: ["counts"], period: "month", expires: "2027-01-31" };

describe("a new key", () => {
  it("is asked for as it was filled in", () => {
    const { wrong, key } = asked(FORM);
    expect(wrong).toEqual([]);
    expect(key).toEqual({
      name: "Power BI",
      org_id: "o-1",
      streams: ["patient"],
      may: ["counts"],
      period: "month",
      expires_on: "2027-01-31",
    });
  });

  it("is not asked for while something is missing, and every gap is named", () => {
    const { wrong, key } = asked({ ...FORM, name: "  ", org: null, streams: [], may: [], expires: "" });
    expect(key).toBeNull();
    expect(wrong.map(({ field }) => field)).toEqual(["key-name", "key-org", "key-streams", "key-may", "key-expires"]);
  });

  it("ends within a year", () => expect(yearFrom("2026-03-01")).toBe("2027-03-01"));
});
