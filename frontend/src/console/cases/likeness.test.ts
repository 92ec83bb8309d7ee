import { describe, expect, it } from "vitest";
import { alike, cosine, inRows } from "./likeness";

const at = (degrees: number): number[] => [Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180)];
const ids = (rows: readonly { id: string }[][]): string[][] => rows.map((row) => row.map(({ id }) => id));

describe("cosine", () => {
  it("is 1 for the same direction, 0 for a right angle and for nothing", () => {
    expect(cosine([1, 2], [2, 4])).toBeCloseTo(1);
    expect(cosine([1, 0], [0, 3])).toBe(0);
    expect(cosine([0, 0], [1, 1])).toBe(0);
  });
});

describe("alike", () => {
  it("finds pairs of at least .85, most alike first", () => {
    const found = alike([{ id: "a", embedding: at(0) }, { id: "b", embedding: at(30) }, { id: "c", embedding: at(5) }]);
    expect(found.get("a")).toEqual(["c", "b"]);
    expect(found.get("b")).toEqual(["c", "a"]);
  });

  it("leaves out what lies below, and what could not be opened", () => {
    const found = alike([{ id: "a", embedding: at(0) }, { id: "b", embedding: at(33) }, { id: "c", embedding: null }]);
    expect([...found.values()]).toEqual([[], [], []]);
  });
});

describe("inRows", () => {
  const cases = ["a", "b", "c", "d"].map((id) => ({ id }));

  it("moves likely twins up to the first of them and keeps the server's order", () => {
    const likeness = new Map([["a", ["d"]], ["d", ["a"]]]);
    expect(ids(inRows(cases, likeness))).toEqual([["a", "d"], ["b"], ["c"]]);
  });

  it("loses nobody and shows nobody twice when likenesses overlap", () => {
    const likeness = new Map([["a", ["b"]], ["b", ["a", "c"]], ["c", ["b", "d"]], ["d", ["c"]]]);
    const rows = inRows(cases, likeness);
    expect(ids(rows)).toEqual([["a", "b"], ["c", "d"]]);
  });
});
