import { describe, expect, it } from "vitest";
import type { Frameworks, ThemeRow } from "@/api/types";
import { dimensionWords, grouped, placed, themeGroups } from "./frameworks";

const about = { version: "1", source: "here", note: "" };
const theme = (name: string, ...dimensions: string[]) => ({ name, group: "", description: "", polarity: "none" as const, dimensions });
const KNOWN: Frameworks = {
  frameworks: [
    { ...about, id: "p", name: "Patients", streams: ["patient", "carer"], themes: [theme("Parking", "q:open"), theme("Ward", "q:safe", "q:open", "d:safety")] },
    { ...about, id: "s", name: "Staff", streams: ["staff"], themes: [theme("Team")] },
  ],
  mappings: [
    {
      ...about,
      id: "q",
      name: "Questions",
      dimensions: [
        { id: "q:safe", name: "Safe", description: "" },
        { id: "q:open", name: "Open", description: "" },
        { id: "q:led", name: "Led", description: "" },
      ],
    },
    { ...about, id: "d", name: "Quality", dimensions: [{ id: "d:safety", name: "Safety", description: "" }] },
  ],
};
const row = (name: string): ThemeRow => ({ theme: name, group: "", n: 1, previous: 0, share: 0, negative_share: null, weekly: [] });

describe("themes to choose from", () => {
  it("are those of the frameworks that read the streams", () => {
    expect(themeGroups(KNOWN, ["staff"])).toEqual([{ name: "Staff", themes: ["Team"] }]);
    expect(themeGroups(KNOWN, ["carer", "staff"]).map(({ name }) => name)).toEqual(["Patients", "Staff"]);
    expect(themeGroups(null, ["staff"])).toEqual([]);
  });
});

describe("where a theme belongs", () => {
  it("is said mapping by mapping, and not at all where it has no place", () => {
    expect(placed(KNOWN, "Ward")).toEqual([
      { mapping: "Questions", names: ["Safe", "Open"] },
      { mapping: "Quality", names: ["Safety"] },
    ]);
    expect(placed(KNOWN, "Team")).toEqual([]);
  });

  it("can be put in words, also when it is unknown", () => {
    expect(dimensionWords(KNOWN, "q:safe")).toBe("Questions: Safe");
    expect(dimensionWords(KNOWN, "x:y")).toBe("x:y");
  });
});

describe("rows under dimensions", () => {
  it("stand under each of theirs, in the mapping's order, with the rest at the end", () => {
    const found = grouped(KNOWN, KNOWN.mappings[0]!, ["Parking", "Ward", "Team"].map(row));
    expect(found.map(({ dimension, rows }) => [dimension?.name, rows.map((one) => one.theme)])).toEqual([
      ["Safe", ["Ward"]],
      ["Open", ["Parking", "Ward"]],
      [undefined, ["Team"]],
    ]);
  });
});
