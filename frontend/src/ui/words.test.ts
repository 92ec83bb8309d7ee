import { describe, expect, it } from "vitest";
import { variationLook } from "./words";

describe("variation icons", () => {
  it.each([
    ["special_cause_improvement", "increase", null, "H"],
    ["special_cause_improvement", "decrease", null, "L"],
    ["special_cause_concern", "increase", null, "L"],
    ["special_cause_concern", "decrease", null, "H"],
    ["special_cause_concern", "increase", "2 in 3 Above CL", "H"],
    ["special_cause_improvement", "decrease", "7 Point Trend (Decreasing)", "L"],
    ["special_cause_neutral_high", "neutral", null, "H"],
    ["special_cause_neutral_low", "neutral", null, "L"],
    ["common_cause", "increase", "Common Cause", ""],
  ] as const)("%s where an improvement is %s (%s) carries the letter %s", (variation, direction, cause, letter) => {
    expect(variationLook(variation, direction, cause).letter).toBe(letter);
  });

  it("say in words what they show, and that too few points show nothing", () => {
    expect(variationLook("special_cause_concern", "decrease").text).toContain("worse");
    expect(variationLook(null).kind).toBe("none");
  });
});
