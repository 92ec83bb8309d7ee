import { describe, expect, it } from "vitest";
import type { PublicationVersion } from "@/api/publications";
import { ageWords, stepWords, wholeText, wordsOf } from "./publishWords";

const version = {
  n: 2,
  state: "approved",
  title: "Quieter nights",
  heard: "Nights were loud.",
  did: "We moved the bins.",
  theme: "Noise",
  since: "2026-03-02",
  until: "2026-05-24",
  changed_on: null,
  correction: "The month was wrong.",
  quote: null,
} as unknown as PublicationVersion;

describe("wordsOf", () => {
  it("begins a correction without the reason of the one before", () => {
    expect(wordsOf(version)).toMatchObject({ title: "Quieter nights", correction: "" });
  });

  it("keeps a draft's reason", () => {
    expect(wordsOf({ ...version, state: "draft" }).correction).toBe("The month was wrong.");
  });

  it("takes nothing along that is not written by a person", () => {
    expect(Object.keys(wordsOf(version))).not.toContain("n");
  });
});

describe("stepWords", () => {
  it("names who did it, or Earshot", () => {
    expect(stepWords({ n: 1, step: "approved", by_name: "Ada", on_day: "2026-03-02" })).toBe("Ada approved version 1");
    expect(stepWords({ n: 1, step: "recounted", by_name: null, on_day: "2026-03-02" })).toMatch(/^Earshot counted again/);
  });
});

describe("wholeText and ageWords", () => {
  it("reads every part, each as sentences of its own", () => {
    expect(wholeText(wordsOf(version)).split("\n").slice(0, 3)).toEqual(["Quieter nights", "Nights were loud.", "We moved the bins."]);
  });

  it("rounds an age up, so that nothing is called easier than it is", () => {
    expect(ageWords(9.2)).toBe("People of about 10 years and older can read it.");
    expect(ageWords(null)).toMatch(/^The reading age/);
  });
});
