import { describe, expect, it } from "vitest";
import { lookWords, nextStates, verdictWords } from "./improvementWords";

describe("the words of improvement", () => {
  it("say why there is no verdict", () => {
    const words = (measure_id: string | null, state: "planned" | "stopped") => verdictWords({ verdict: null, measure_id, state });
    expect([words(null, "planned"), words("comments", "planned"), words("comments", "stopped")]).toEqual([
      "Not measured",
      "Not begun",
      "Not measured: it was stopped",
    ]);
  });

  it("never call a change proven that is not", () => {
    expect(verdictWords({ verdict: "unproven", measure_id: "comments", state: "finished" })).toBe("Not proven");
  });

  it("tell of looks that are still to come", () => {
    expect(lookWords({ weeks: 8, state: null, sentence: "", looked_on: null })).toContain("After 8 weeks: still to come");
  });

  it("offer no way on from a closed action", () => {
    expect([nextStates("planned"), nextStates("finished")]).toEqual([["under_way", "stopped"], []]);
  });
});
