import { describe, expect, it } from "vitest";
import { branches, matching, pathTo } from "./orgTree";
import { org, TREE } from "./samples";

describe("the organisation tree", () => {
  it("counts depth from the outermost organisation that the person may see", () => {
    expect(branches(TREE).map(({ depth }) => depth)).toEqual([0, 1, 2, 1]);
  });

  it("finds by every word of name or code", () => {
    const names = (search: string): string[] => matching(branches(TREE), search).map((one) => one.org.name);
    expect(names("WARD lab")).toEqual(["Labour ward"]);
    expect(names("code-4")).toEqual(["Moor End"]);
    expect(names("")).toHaveLength(4);
  });

  it("gives the way down, and ends even if a tree bites its own tail", () => {
    expect(pathTo(TREE, "3").map(({ name }) => name)).toEqual(["Larkhill Trust", "Maternity", "Labour ward"]);
    expect(pathTo([org("a", "b", "A"), org("b", "a", "B")], "a")).toHaveLength(2);
    expect(pathTo(TREE, "none")).toEqual([]);
  });
});
