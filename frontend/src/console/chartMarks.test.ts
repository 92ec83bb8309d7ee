import { describe, expect, it } from "vitest";
import type { ChartMark } from "@/api/types";
import { point } from "@/ui/samples";
import { markSpots, spanOf } from "./chartMarks";

const POINTS = ["2026-03-02", "2026-03-09", "2026-03-16", "2026-03-23"].map((start) => point(5, 5, { start }));
const PLOT = { x: (i: number) => 100 + i * 40, half: 20 };
const mark = (since: string, until: string): ChartMark => ({
  signal_id: since, kind: "rise", meaning: "concern", mark: "C", since, until, sentence: "More.",
});

describe("signals on a chart", () => {
  it("span the points that hold their days", () => {
    expect(spanOf(POINTS, "2026-03-10", "2026-03-22")).toEqual([1, 2]);
    expect(spanOf(POINTS, "2026-01-01", "2026-03-04")).toEqual([0, 0]);
    expect(spanOf(POINTS, "2026-03-20", "2026-08-01")).toEqual([2, 3]);
    expect(spanOf(POINTS, "2025-03-20", "2025-08-01")).toBeNull();
  });

  it("stand in rows of their own where they overlap", () => {
    const spots = markSpots([mark("2026-03-02", "2026-03-15"), mark("2026-03-09", "2026-03-10"), mark("2026-03-16", "2026-03-20")], POINTS, PLOT);
    expect(spots.map(({ x, width, row }) => [x, width, row])).toEqual([[80, 80, 0], [120, 40, 1], [160, 40, 0]]);
  });

  it("are always wide enough for their letter", () => {
    expect(markSpots([mark("2026-03-02", "2026-03-02")], POINTS, { x: PLOT.x, half: 2 })[0]?.width).toBe(26);
  });
});
