import { describe, expect, it } from "vitest";
import { caseAsk, readCaseFilters, writeCaseFilters } from "./caseFilters";

describe("case filters", () => {
  it("are read from an address as they were written there", () => {
    const filters = { state: "closed", mine: true, org: "o-1", stream: "staff" } as const;
    const query = writeCaseFilters(filters) as Record<string, string>;
    expect(readCaseFilters(query)).toEqual(filters);
  });

  it("leave out what they do not understand", () =>
    expect(readCaseFilters({ state: "lost", stream: ["press"], mine: "yes" })).toEqual({ state: null, mine: false, org: null, stream: null }));

  it("ask the server by its own names", () =>
    expect(caseAsk({ state: null, mine: true, org: "o-1", stream: null })).toEqual({ state: null, mine: true, org_id: "o-1", stream: null }));
});
