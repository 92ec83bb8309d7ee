import { describe, expect, it } from "vitest";
import { signal } from "@/ui/samples";
import { deadline, evidenceQuery, foundMark, strength } from "./signalWords";

describe("a signal in words", () => {
  it("says how strong it is, and nothing of the kind for one comment", () => {
    expect(strength(signal("7"))).toBe("9 heard, 4 expected, 2.3 times as many");
    expect(strength(signal("7", { expected: 3.46, ratio: 2.6 }))).toBe("9 heard, 3.5 expected, 2.6 times as many");
    expect(strength(signal("7", { kind: "silence", observed: 0, expected: 31.2, ratio: 0 }))).toBe("0 heard, 31 expected");
    expect(strength(signal("7", { kind: "fall", observed: 2, ratio: 0.5 }))).toBe("2 heard, 4 expected");
    expect(strength(signal("7", { kind: "fall", observed: null, ratio: null }))).toBe("too few heard to say, 4 expected");
    expect(strength(signal("7", { expected: null, ratio: null }))).toBe("9 heard");
    expect(strength(signal("7", { kind: "one_comment", expected: null }))).toBeNull();
  });

  it("has a clock only until somebody has acknowledged it", () => {
    const due = { kind: "one_comment" as const, due_at: "2026-03-04T14:20:00Z" };
    expect(deadline(signal("7", due))).toMatch(/^Acknowledge it by 4 Mar/);
    expect(deadline(signal("7", { ...due, overdue: true }))).toMatch(/^Overdue: .*4 Mar/);
    expect(deadline(signal("7", { ...due, state: "acknowledged" }))).toBeNull();
    expect(deadline(signal("7"))).toBeNull();
  });

  it("leads to the comments that it is about", () => {
    expect(evidenceQuery(signal("7"))).toMatchObject({
      org: "o-7",
      from: "2026-03-03",
      to: "2026-03-16",
      theme: "Discharge",
      sentiment: ["4", "5"],
    });
    expect(evidenceQuery(signal("7", { label: "Discharge|Pain" }))["theme"]).toBeUndefined();
    expect(evidenceQuery(signal("7", { measure: "cluster", label: "c-1" }))).toMatchObject({ cluster: "c-1", theme: undefined });
    expect(evidenceQuery(signal("7", { measure: "fft_poor", label: "" }))["fft"]).toEqual(["4", "5"]);
  });

  it("has a letter beside its colour", () => {
    expect(foundMark({ kind: "one_comment", meaning: "concern" })).toBe("!");
    expect(foundMark({ kind: "praise", meaning: "improvement" })).toBe("I");
  });
});
