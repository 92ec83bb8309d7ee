import { describe, expect, it } from "vitest";
import { measureQuery, readMeasure, writeMeasure } from "./measure";

describe("the choice of a measure", () => {
  it("comes back the same after it was written", () => {
    const ask = { measure: "theme:Food", period: "month" as const, target: 90.5, rebase: ["2026-01-01"], screen: true };
    expect(readMeasure(writeMeasure(ask) as Record<string, string | string[]>)).toEqual(ask);
  });

  it("leaves out targets and days that are none", () => {
    expect(readMeasure({ target: "lots", rebase: "soon", period: "day" })).toEqual({
      measure: null,
      period: "week",
      target: null,
      rebase: [],
      screen: false,
    });
  });

  it("asks for a target of 0 too", () => {
    expect(measureQuery(readMeasure({ target: "0" }))["target"]).toBe(0);
  });
});
