import { describe, expect, it } from "vitest";
import { carried, commentsAsk, type Filters, readFilters, sharedAsk, span, today, writeFilters } from "./filters";

const NONE = readFilters({});

describe("filters in the address", () => {
  it("are the last 12 weeks of everything when the address says nothing", () => {
    expect(NONE).toMatchObject({ when: "12w", org: null, streams: [], needsPerson: false, search: null });
  });

  it("come back the same after they were written", () => {
    const chosen: Filters = {
      org: "o-1",
      when: "dates",
      from: "2026-01-02",
      to: "2026-03-04",
      streams: ["patient", "staff"],
      theme: "Staff manner",
      dimension: "cqc:safe",
      cluster: "c-1",
      sentiments: [4, 5],
      fft: [1, 6],
      language: "pl",
      needsPerson: true,
      safety: true,
      search: "call bell & light",
    };
    const address = new URLSearchParams();
    for (const [name, value] of Object.entries(writeFilters(chosen)))
      for (const one of [value].flat()) address.append(name, String(one));
    const query = Object.fromEntries([...new Set(address.keys())].map((name) => [name, address.getAll(name)]));
    expect(readFilters(query)).toEqual(chosen);
  });

  it("leave out what they do not understand", () => {
    const odd = readFilters({ stream: ["patient", "cats"], from: "2026-13-40", when: "forever", sentiment: ["9", "5"] });
    expect(odd).toMatchObject({ streams: ["patient"], from: null, when: "12w", sentiments: [5] });
  });

  it("use the page's own span only when the address names none", () => {
    expect(readFilters({}, "all").when).toBe("all");
    expect(readFilters({ when: "4w" }, "all").when).toBe("4w");
    expect(readFilters({ to: "2026-01-01" }, "all").when).toBe("dates");
  });

  it("carry organisation, dates and streams to another page, and nothing else", () => {
    const chosen = readFilters({ org: "o", when: "year", stream: "carer", theme: "Food", q: "soup" });
    expect(carried(chosen)).toEqual({ org: "o", when: "year", stream: ["carer"] });
    expect(carried(chosen, { org: "p" })["org"]).toBe("p");
  });
});

describe("what the API is asked for", () => {
  it("is a span of whole weeks that ends today, both days inclusive", () => {
    expect(span({ ...NONE, when: "4w" }, "2026-03-28")).toEqual({ from: "2026-03-01", to: "2026-03-28" });
    expect(span({ ...NONE, when: "all" }, "2026-03-28")).toEqual({ from: "1948-07-05", to: "2026-03-28" });
  });

  it("holds the comments' own filters only on pages of comments", () => {
    const chosen = readFilters({ theme: "Food", needs_person: "true", q: "soup" });
    expect(sharedAsk(chosen, "2026-03-28")).not.toHaveProperty("theme");
    expect(commentsAsk(chosen, "2026-03-28")).toMatchObject({ theme: "Food", needs_person: true, q: "soup" });
  });

  it("counts a day by the person's own clock", () => {
    expect(today(new Date(2026, 0, 5, 23, 59))).toBe("2026-01-05");
  });
});
