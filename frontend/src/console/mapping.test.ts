import { describe, expect, it } from "vitest";
import type { Mapping } from "@/api/types";
import { holdsOf, missing, withColumn } from "./mapping";

const GUESS: Mapping = {
  text: ["Comment"],
  source_id: null,
  respondent: null,
  date: "Date",
  default_date: null,
  date_order: "auto",
  fft: "FFT",
  fft_values: { Good: 2 },
  question: null,
  audience: null,
  default_audience: "patient",
  org: ["Trust"],
  org_code: null,
  create_orgs: false,
};

describe("a mapping of columns", () => {
  it("puts a column to another use and takes it from the old one", () => {
    const next = withColumn(GUESS, "Comment", "question");
    expect([next.text, next.question, holdsOf(next, "Comment")]).toEqual([[], "Comment", "question"]);
  });

  it("lets one column hold the date, and several hold text or organisation", () => {
    const next = withColumn(withColumn(withColumn(GUESS, "Seen", "date"), "Ward", "org"), "More", "text");
    expect([next.date, holdsOf(next, "Date"), next.org, next.text]).toEqual(["Seen", "", ["Trust", "Ward"], ["Comment", "More"]]);
  });

  it("leaves the guess itself unchanged", () => {
    withColumn(GUESS, "Date", "");
    expect(GUESS.date).toBe("Date");
  });

  it("says what is missing, and nothing when it is ready", () => {
    expect(missing(GUESS)).toEqual([]);
    expect(missing({ ...GUESS, date: null, org: [] })).toHaveLength(2);
    expect(missing({ ...GUESS, org: [], org_code: "X1" })).toEqual([]);
    expect(missing({ ...GUESS, date: null, default_date: "2026-01-31" })).toEqual([]);
    expect(missing({ ...GUESS, text: [] })).toEqual([]);
    expect(missing({ ...GUESS, text: [], fft: null })).toHaveLength(1);
  });
});
