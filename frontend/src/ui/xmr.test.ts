import { describe, expect, it } from "vitest";
import { point } from "./samples";
import { domain, drawing, rebaseAt } from "./xmr";

describe("an XmR chart", () => {
  it("has room for points, limits and target, and never goes below 0 or over 100 %", () => {
    const [low, high] = domain([point(95), point(99, 97)], 100, "percent");
    expect(low).toBeLessThanOrEqual(6);
    expect(high).toBe(100);
    expect(domain([point(1, 1)], null, "count")[0]).toBe(0);
    expect(domain([], null, "count")).toEqual([0, 1]);
  });

  it("begins limits anew where the mean changes", () => {
    expect(rebaseAt([point(1), point(2), point(3, 20), point(4, 20)])).toEqual([2]);
    expect(rebaseAt([point(1), point(2)])).toEqual([]);
  });

  it("keeps every point inside the drawing and draws none for a gap", () => {
    const { dots, line } = drawing([point(2), point(null), point(40)], 45, "count", 700, 360);
    expect(dots.map(({ i }) => i)).toEqual([0, 2]);
    expect(line[1]?.y).toBeNull();
    for (const { x, y } of dots) {
      expect(x).toBeGreaterThan(0);
      expect(x).toBeLessThan(700);
      expect(y).toBeGreaterThanOrEqual(0);
      expect(y).toBeLessThanOrEqual(360);
    }
  });

  it("gives each kind of point a shape of its own", () => {
    const kinds = ["common_cause", "special_cause_improvement", "special_cause_concern", "special_cause_neutral_high"] as const;
    const { dots } = drawing(kinds.map((kind) => point(5, 10, { point_type: kind })), null, "count", 600, 300);
    expect(new Set(dots.map(({ shape }) => shape)).size).toBe(4);
  });
});
