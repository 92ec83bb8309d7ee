import { describe, expect, it } from "vitest";
import type { DriftWeek, Version } from "@/api/types";
import { DRIFT, figures, gain, kappaBand, learnedParts } from "./learningWords";

describe("how well people agree", () => {
  it("follows Altman's bands at their edges", () => {
    const bands = [-0.1, 0.19, 0.2, 0.4, 0.6, 0.79, 0.8, 1].map(kappaBand);
    expect(bands).toEqual(["poor", "poor", "fair", "moderate", "good", "good", "very good", "very good"]);
    expect(kappaBand(null)).toBe("cannot be told");
  });
});

describe("what learning changed", () => {
  it("is told in points, with the sign in view", () => {
    expect(gain(0.5, 0.53)).toBe("+3 points");
    expect(gain(0.53, 0.52)).toBe("−1 point");
    expect(gain(0.501, 0.5)).toBe("no change");
  });
});

describe("what a model learned", () => {
  const one = { before: 0.5, after: 0.6 };
  const tested = { learned_from: 80, held_out: 20, macro_f1: one, used: true };
  const version: Version = {
    id: "v",
    parent: "u",
    state: "candidate",
    reason: "",
    made_on: "2026-03-04",
    made_by_name: null,
    scores: { ...tested, micro_f1: one, labels: [{ label: "Parking", n: 3, ...one }] },
    sentiment: { ...tested, used: false, accuracy: one, labels: [{ label: "5", n: 9, ...one }] },
  };

  it("is told for themes and for feelings, each with whether it is used", () => {
    const parts = learnedParts(version);
    expect(parts.map(({ title, used }) => [title, used])).toEqual([["Themes", true], ["Feelings", false]]);
    expect(parts[1]?.labels[0]?.label).toBe("Very negative");
  });

  it("leaves out what too little was said about", () => {
    expect(learnedParts({ ...version, scores: null }).map(({ title }) => title)).toEqual(["Feelings"]);
    expect(learnedParts({ ...version, scores: null, sentiment: null })).toEqual([]);
  });
});

describe("drift", () => {
  it("leaves out weeks without a figure", () => {
    const week = { week_start: "2026-01-05", comments: 3, not_assigned: 0.2, mean_p: null, not_english: 0, shift: 0.031, unknown_words: null, moved: [] };
    const weeks: DriftWeek[] = [week, { ...week, mean_p: 0.7 }];
    expect(figures(weeks, "mean_p")).toEqual([0.7]);
    expect(DRIFT.map(({ id, write }) => write(week[id]))).toEqual(["20%", "–", "0%", "–", "0.03"]);
  });
});
