import { describe, expect, it } from "vitest";
import type { ImprovementAction } from "@/api/improvement";
import type { Measure } from "@/api/types";
import { asGiven, betterWay, emptyForm, formOf, given, offered, wrongs } from "./actionForm";

const ACTION: ImprovementAction = {
  id: "a",
  org_id: "o",
  org_name: "Oak",
  streams: ["patient"],
  title: "Quieter nights",
  what_we_heard: "Noise at night.",
  what_we_did: "",
  state: "planned",
  owner_id: null,
  owner_name: null,
  due_on: "2026-12-01",
  started_on: null,
  closed_on: null,
  overdue: false,
  themes: ["Sleep", "Noise"],
  measure_id: "theme:Sleep",
  measure_name: "Theme: Sleep",
  wanted: "lower",
  risk_reference: "",
  risk_address: "",
  version: 1,
  made_by_name: "Ada",
  made_on: "2026-11-01",
  verdict: null,
  verdict_sentence: "",
  looked_on: null,
  signals: 0,
  cycles: 0,
};

describe("the form of an action", () => {
  it("asks for what to change and what people said, and for the way of a measure", () => {
    const form = { ...emptyForm(), measure: "comments", wanted: "" as const, riskAddress: "http://plain" };
    expect(wrongs(form).map(({ field }) => field)).toEqual(["action-title", "action-heard", "action-wanted", "action-risk-address"]);
    expect(wrongs(formOf(ACTION))).toEqual([]);
  });

  it("begins with what a signal brings, and wants the measure to get better", () => {
    const form = emptyForm({ heard: "Rose.", theme: "Sleep", measure: "fft_positive", direction: "increase" });
    expect([form.heard, form.theme, form.measure, form.wanted]).toEqual(["Rose.", "Sleep", "fft_positive", "higher"]);
    expect(betterWay("neutral")).toBe("");
  });

  it("sends nothing where nothing was typed, and keeps further themes", () => {
    const sent = given({ ...formOf(ACTION), theme: "Food", due: "", measure: "", wanted: "lower" }, ACTION);
    expect([sent.themes, sent.due_on, sent.measure_id, sent.wanted]).toEqual([["Food", "Noise"], null, null, null]);
  });

  it("changes nothing but the state when only that changes", () => {
    expect(asGiven(ACTION)).toMatchObject({ title: "Quieter nights", themes: ["Sleep", "Noise"], due_on: "2026-12-01", wanted: "lower" });
  });

  it("offers the theme's own measure first", () => {
    const measures = ["comments", "theme:Food", "theme:Sleep"].map((id) => ({ id }) as Measure);
    expect(offered(measures, "Sleep").map(({ id }) => id)).toEqual(["theme:Sleep", "comments", "theme:Food"]);
    expect(offered(measures, "").map(({ id }) => id)).toEqual(["comments", "theme:Food", "theme:Sleep"]);
  });
});
