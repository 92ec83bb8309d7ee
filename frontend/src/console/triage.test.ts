import { describe, expect, it } from "vitest";
import type { ReviewItem, ReviewReason } from "@/api/types";
import { COMMENT } from "@/ui/samples";
import { nextOpen, verdicts } from "./triage";

const item = (id: string, ...reasons: ReviewReason[]): ReviewItem => ({
  id,
  comment: { ...COMMENT, id },
  reasons,
  urgent: reasons.includes("safety"),
  risk: 0,
  uncertainty: 0.5,
  org_id: "o-1",
  org_name: "Labour ward",
  stream: "patient",
  said_on: "2026-03-04",
  previous: null,
  next: null,
});
const keys = (...reasons: ReviewReason[]): string => verdicts(item("1", ...reasons)).map(({ key }) => key).join("");

describe("what can be said about a queued comment", () => {
  it("is yes or no for a possible risk, so that nothing else clears it", () => {
    for (const reasons of [["safety"], ["safety", "unsure"], ["language", "safety"], ["sample"]] as ReviewReason[][])
      expect(keys(...reasons)).toBe("rn");
  });

  it("is never “right” for what the computer cannot read", () => {
    expect(keys("language")).toBe("lr");
    expect(keys("empty", "unsure")).toBe("lr");
    expect(keys("unsure")).toBe("alr");
    expect(keys("uncertain_theme", "unsure")).toBe("alr");
    expect(keys("uncertain_theme", "language")).toBe("lr");
  });

  it("is nothing for what has no comment", () => {
    expect(verdicts({ ...item("1", "redaction"), comment: null })).toEqual([]);
  });
});

describe("the next one to look at", () => {
  const queue = [item("a"), item("b"), item("c")];
  it("comes after this one, then from the beginning, and is none when all are done", () => {
    expect(nextOpen(queue, new Set(["b"]), 0)).toBe(2);
    expect(nextOpen(queue, new Set(["b", "c"]), 2)).toBe(0);
    expect(nextOpen(queue, new Set(["a", "b", "c"]), 1)).toBe(-1);
    expect(nextOpen([], new Set(), 0)).toBe(-1);
  });
});
