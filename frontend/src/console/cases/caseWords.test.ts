import { describe, expect, it } from "vitest";
import type { CaseItem } from "@/api/cases";
import { pressing, riskSentences, seriousWords } from "./caseWords";

const CALM = { state: "open", risk: false, read_on: "2026-03-02", thanks_overdue: false, owner_overdue: false, hand_off_due: null } as CaseItem;
const said = (some: Partial<CaseItem>): string[] => pressing({ ...CALM, ...some }).map(({ words }) => words);

describe("what presses", () => {
  it("is nothing for a calm case, and nothing once it is closed", () => {
    expect(said({})).toEqual([]);
    expect(said({ state: "closed", thanks_overdue: true })).toEqual([]);
  });

  it("tells a report that is not read yet from one that could not be read", () => {
    expect(said({ risk: null, read_on: null })).toEqual(["The computer has not read it yet"]);
    expect(said({ risk: null })).toEqual(["The computer could not read it: please look"]);
  });

  it("names every clock that ran out", () =>
    expect(said({ thanks_overdue: true, owner_overdue: true, hand_off_due: "2026-03-05" })).toEqual([
      "Thanks overdue",
      "Nobody has it: overdue",
      "Hand-off due 5 Mar",
    ]));
});

describe("risk", () => {
  it("is told in sentences, once each, and never claimed where none was heard", () => {
    expect(riskSentences({ risk: true, risk_kinds: ["danger_now", "danger_now"] })).toEqual(["Something may be dangerous right now"]);
    expect(riskSentences({ risk: false, risk_kinds: ["danger_now"] })).toEqual([]);
    expect(riskSentences({ risk: null, risk_kinds: [] })).toEqual([]);
  });

  it("asks for a look where the computer heard no kind, or one that is new here", () => {
    expect(riskSentences({ risk: true, risk_kinds: [] })[0]).toContain("please look");
    expect(riskSentences({ risk: true, risk_kinds: ["brand_new"] })).toEqual(["Somebody may be at risk"]);
  });
});

it("how serious a report is stays unsaid where the computer could not tell", () => {
  expect([seriousWords(null), seriousWords(0), seriousWords(4)]).toEqual([null, "Not serious", "Very serious"]);
});
