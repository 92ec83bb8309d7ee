import { describe, expect, it } from "vitest";
import { everyNth, linear, linePath, niceStep, stepPath, ticks } from "./scales";

describe("scales", () => {
  it("map ends to ends, and an empty domain to the middle", () => {
    expect([0, 5, 10].map(linear(0, 10, 100, 0))).toEqual([100, 50, 0]);
    expect(linear(3, 3, 0, 10)(3)).toBe(5);
  });

  it.each([
    [10, 5, 2],
    [7, 5, 2],
    [0.3, 5, 0.1],
    [1234, 5, 250],
    [0, 5, 1],
  ])("cut %f into at most %i parts with a round step", (range, most, step) => {
    expect(niceStep(range, most)).toBeCloseTo(step);
  });

  it("give ticks that cover the values without crumbs of floating point", () => {
    expect(ticks(0, 0.7)).toEqual([0, 0.2, 0.4, 0.6, 0.8]);
    expect(ticks(62, 97)).toEqual([60, 70, 80, 90, 100]);
  });

  it("keep the last label and leave room for each", () => {
    expect([...everyNth(10, 200, 50)].sort((a, b) => a - b)).toEqual([0, 3, 6, 9]);
    expect(everyNth(3, 1000, 50).size).toBe(3);
    expect(everyNth(0, 100, 50).size).toBe(0);
  });
});

describe("paths", () => {
  it("lift the pen at a gap", () => {
    expect(linePath([{ x: 0, y: 1 }, { x: 1, y: null }, { x: 2, y: 3 }, { x: 3, y: 4 }])).toBe("M0.0 1.0M2.0 3.0L3.0 4.0");
  });

  it("draw limits as level steps that break where the limits begin anew", () => {
    const spots = [10, 20, 30].map((x, i) => ({ x, y: i < 2 ? 5 : 9 }));
    expect(stepPath(spots, 5)).toBe("M5.0 5.0H15.0H25.0M25.0 9.0H35.0");
  });
});
