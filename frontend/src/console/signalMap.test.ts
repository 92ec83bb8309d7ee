import { describe, expect, it } from "vitest";
import type { MapCell, SignalMap } from "@/api/types";
import { cellKind, mapTable } from "./signalMap";

const cell = (org_id: string, theme: string, extra: Partial<MapCell> = {}): MapCell => ({
  org_id, theme, n: 3, mark: "·", meaning: null, state: null, signal_id: null, signals: 0, text: "Nothing unusual.", ...extra,
});
const RAISED = { mark: "C", meaning: "concern", state: "new", signal_id: "s-1", signals: 1 } as const;
const MAP: SignalMap = {
  units: [
    { org_id: "1", name: "Ward 1", level: "team" },
    { org_id: "2", name: "Ward 2", level: "team" },
  ],
  themes: ["", "Discharge"],
  cells: [cell("1", ""), cell("1", "Discharge"), cell("2", "", { mark: "–" }), cell("2", "Discharge", RAISED)],
};

describe("the map of signals", () => {
  it("has a row for each unit, its cells under their themes", () => {
    const { themes, rows } = mapTable(MAP, false);
    expect(themes).toEqual(["", "Discharge"]);
    expect(rows.map(({ name, cells }) => [name, cells.map(({ theme }) => theme)])).toEqual([
      ["Ward 1", ["", "Discharge"]],
      ["Ward 2", ["", "Discharge"]],
    ]);
  });

  it("can leave out where nothing stands out", () => {
    const { themes, rows } = mapTable(MAP, true);
    expect(themes).toEqual(["Discharge"]);
    expect(rows.map(({ name, cells }) => [name, cells.length])).toEqual([["Ward 2", 1]]);
  });

  it("tells no data from nothing unusual", () => {
    expect(MAP.cells.map(cellKind)).toEqual(["quiet", "quiet", "unknown", "concern"]);
    expect(cellKind(cell("1", "", { ...RAISED, mark: "!" }))).toBe("risk");
  });
});
