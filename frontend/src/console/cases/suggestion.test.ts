import { describe, expect, it } from "vitest";
import type { Suggested } from "./reading";
import { judged, reasons, suggestedElements, toggled } from "./suggestion";

const KNOWN = ["Safety", "Bullying", "Detriment"];
const some = (label: string, p: number, ...words: [string, number][]): Suggested => ({
  label,
  p,
  words: words.map(([text, weight]) => ({ text, weight })),
});

describe("suggested elements", () => {
  it("are those that a person may choose, surest first", () => {
    const found = suggestedElements([some("Bullying", 0.6), some("Morale", 0.9), some("Safety", 0.8)], KNOWN);
    expect(found.map(({ label }) => label)).toEqual(["Safety", "Bullying"]);
  });

  it("give the words that weighed most, and none that spoke against it", () => {
    const found = some("Safety", 0.8, ["ward", 0.1], ["unsafe", 0.9], ["kind", -0.4], ["short", 0.5]);
    expect(reasons(found, "Unsafe: we were short on a kind ward.")).toEqual(["unsafe", "short"]);
  });

  it("say when it was not a word but a likeness", () => {
    const found = some("Safety", 0.8, ["Care is unsafe", 0.9]);
    expect(reasons(found, "Nobody came at night.")).toEqual(["being like “Care is unsafe”"]);
  });
});

describe("what a person made of a suggestion", () => {
  const suggested = [some("Safety", 0.8), some("Bullying", 0.6)];

  it("is accepted when the same was chosen, in whatever order", () => expect(judged(["Bullying", "Safety"], suggested)).toBe("accepted"));

  it("is corrected when something was added, left out or put in its place", () => {
    for (const chosen of [["Safety"], [...KNOWN], ["Safety", "Detriment"], []]) expect(judged(chosen, suggested)).toBe("corrected");
  });

  it("is nothing where nothing was suggested", () => expect(judged(["Safety"], [])).toBeNull());
});

describe("toggled", () => {
  it("adds in the order of the list and takes out again", () => {
    expect(toggled(["Detriment"], "Safety", KNOWN)).toEqual(["Safety", "Detriment"]);
    expect(toggled(["Safety", "Detriment"], "Safety", KNOWN)).toEqual(["Detriment"]);
  });
});
