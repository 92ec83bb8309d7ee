import { describe, expect, it } from "vitest";
import type { DriftWeek } from "@/api/types";
import { DRIFT, figures, gain, kappaBand } from "./learningWords";

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

describe("drift", () => {
  it("leaves out weeks without a figure", () => {
    const week = { week_start: "2026-01-05", comments: 3, not_assigned: 0.2, mean_p: null, not_english: 0, shift: 0.031, unknown_words: null, moved: [] };
    const weeks: DriftWeek[] = [week, { ...week, mean_p: 0.7 }];
    expect(figures(weeks, "mean_p")).toEqual([0.7]);
    expect(DRIFT.map(({ id, write }) => write(week[id]))).toEqual(["20%", "–", "0%", "–", "0.03"]);
  });
});
