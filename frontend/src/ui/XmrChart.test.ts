// @vitest-environment jsdom
import { mount } from "@vue/test-utils";
import { describe, expect, it } from "vitest";
import type { Series } from "@/api/types";
import XmrChart from "./XmrChart.vue";
import { point } from "./samples";

const SERIES: Series = {
  measure: { id: "fft_positive", name: "Good or very good", unit: "percent", improvement_direction: "increase" },
  points: [point(80, 82), point(99, 82, { point_type: "special_cause_improvement" }), point(null, 82), point(60, 70)],
  variation: "common_cause",
  assurance: null,
  target: 90,
  warnings: [],
  sentence: "No real change.",
};

describe("XmrChart", () => {
  const view = mount(XmrChart, { props: { series: SERIES } });

  it("draws a mark for each value, the target and the place where limits begin anew", () => {
    expect(view.findAll("svg[role=img] .ear-xmr__dot")).toHaveLength(3);
    expect(view.find(".ear-xmr__target").text()).toContain("90%");
    expect(view.findAll(".ear-xmr__rebase")).toHaveLength(1);
  });

  it("says what it shows to those who cannot see it", () => {
    expect(view.get("svg[role=img]").attributes("aria-label")).toContain("Good or very good: chart of 4 points. No real change.");
  });

  it("explains each shape that is drawn, and no other", () => {
    expect(view.get("figcaption").text()).toContain("Getting better");
    expect(view.get("figcaption").text()).not.toContain("Getting worse");
  });
});
