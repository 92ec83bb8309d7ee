import { describe, expect, it } from "vitest";
import { funnelDrawing, inOrder, standingOf, standingWords } from "./funnel";
import { FUNNEL, place } from "./samples";

describe("the funnel's drawing", () => {
  const plot = funnelDrawing(FUNNEL, 720, 400);

  it("draws places that have a value, from few answers to many", () =>
    expect(plot.spots.map(({ point }) => point.name)).toEqual(["Ward Elm", "Ward Oak"]));

  it("puts more answers further along, and more good answers higher", () => {
    const [elm, oak] = plot.spots;
    expect(oak!.x).toBeGreaterThan(elm!.x);
    expect(oak!.y).toBeGreaterThan(elm!.y);
    expect(plot.overall).toBeGreaterThan(elm!.y);
    expect(plot.overall).toBeLessThan(oak!.y);
  });

  it("gives each standing a shape of its own", () => expect(new Set(plot.spots.map(({ shape }) => shape)).size).toBe(2));

  it("draws nothing, and does not fail, where there is nothing", () => {
    const none = funnelDrawing({ overall: null, points: [], limits: [] }, 300, 300);
    expect([none.spots, none.overall, none.lines[0]?.low]).toEqual([[], null, ""]);
  });

  it("says how a place stands, never its rank", () => {
    expect(standingWords(place("a", 200, 60, "below_998"))).toBe("Lower than chance explains");
    expect(standingWords(place("a", 200, 90, "above_95"))).toBe("Higher: chance may still explain it");
    expect(standingOf(place("a", null, null, "too_few"))).toBe("unknown");
  });

  it("orders places of the same size by name", () => {
    const places = [["b", 5], ["a", 5], ["c", 1]] as const;
    expect(inOrder(places.map(([name, n]) => ({ name, n }))).map(({ name }) => name)).toEqual(["c", "a", "b"]);
  });
});
