import { describe, expect, it } from "vitest";
import { actionWords, HOLD_REASONS, roleWords } from "./auditWords";

describe("actionWords", () => {
  it("says what was done", () => {
    expect(actionWords("case.read")).toBe("Read a case");
  });

  it("shows a word that nobody wrote down here as it is", () => {
    expect(actionWords("case.same_as")).toBe("case: same as");
    expect(actionWords("odd")).toBe("odd: ");
  });
});

describe("roleWords", () => {
  it("says roles as people do", () => {
    expect(roleWords(["guardian", "pals", "quality_lead"])).toBe("guardian, PALS, quality lead");
    expect(roleWords([])).toBe("");
  });
});

describe("HOLD_REASONS", () => {
  it("has words for each reason", () => {
    expect(Object.values(HOLD_REASONS).every((words) => /^[A-Z][^.]+$/.test(words))).toBe(true);
  });
});
