import { describe, expect, it } from "vitest";
import { FUNNEL } from "@/ui/samples";
import { opened, pieces, seriesOf } from "./blocks";
import { CHART, FEW, FIGURE, MAP, TABLE } from "./samples";

describe("the blocks of a quality page", () => {
  it("stand as they came, figures and tables that follow one another side by side", () => {
    const found = pieces([FIGURE, FEW, CHART, FIGURE, TABLE, TABLE, FUNNEL, MAP]);
    expect(found.map(({ kind }) => kind)).toEqual(["figures", "chart", "figures", "tables", "funnel", "map"]);
    expect(found[0]).toEqual({ kind: "figures", figures: [FIGURE, FEW] });
    expect(found[3]).toEqual({ kind: "tables", tables: [TABLE, TABLE] });
  });

  it("keep their numbers where a way to what is behind them is closed", () => {
    const closed = opened([FIGURE, CHART, TABLE, FUNNEL, MAP], (opens) => (opens?.startsWith("/comments") ? null : opens));
    expect(closed[0]).toEqual(FIGURE);
    expect(closed[1]).toEqual({ ...CHART, opens: null });
    expect(closed[2]).toMatchObject({ rows: [{ cells: TABLE.rows[0]?.cells, opens: null }, TABLE.rows[1]] });
    expect(closed.slice(3)).toEqual([FUNNEL, MAP]);
  });

  it("keep gaps, limits and types when a chart becomes a series of the house", () => {
    const { points, measure, variation } = seriesOf(CHART, "week");
    expect(points.map(({ y }) => y)).toEqual([30, null, 10]);
    expect(points.map(({ point_type }) => point_type)).toEqual(["common_cause", null, "special_cause_improvement"]);
    expect(points[2]).toMatchObject({ label: "18 May", mean: 28, lpl: 15, upl: 41 });
    expect(seriesOf(CHART, "month").points[2]?.label).toBe("May 2026");
    expect([measure.unit, variation]).toEqual(["percent", "special_cause_improvement"]);
  });

  it("keep the limits of a percentage between 0 and 100, and those of counts as they are", () => {
    const ends = (chart: typeof CHART): unknown[] => seriesOf(chart, "week").points.map(({ lpl, upl }) => [lpl, upl])[0] as unknown[];
    expect(ends({ ...CHART, lower: -3, upper: 125 })).toEqual([0, 100]);
    expect(ends({ ...CHART, unit: "comments", lower: -3, upper: 125 })).toEqual([-3, 125]);
  });

  it("learn from a better point below the mean that less is better", () => {
    expect(seriesOf(CHART, "week").measure.improvement_direction).toBe("decrease");
    const worse = { start: "2026-05-18", value: 10, type: "special_cause_concern" } as const;
    expect(seriesOf({ ...CHART, points: [worse] }, "week").measure.improvement_direction).toBe("increase");
    expect(seriesOf({ ...CHART, points: [] }, "week").measure.improvement_direction).toBe("neutral");
  });
});
