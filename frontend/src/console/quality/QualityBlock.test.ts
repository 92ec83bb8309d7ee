// @vitest-environment jsdom
import { mount, RouterLinkStub, type VueWrapper } from "@vue/test-utils";
import { describe, expect, it, vi } from "vitest";
import { createMemoryHistory, createRouter } from "vue-router";
import { FUNNEL } from "@/ui/samples";
import { type Piece, pieces } from "./blocks";
import QualityBlock from "./QualityBlock.vue";
import { CHART, FEW, FIGURE, MAP, TABLE } from "./samples";

const router = createRouter({ history: createMemoryHistory(), routes: [{ path: "/:rest(.*)*", component: { template: "<p />" } }] });

function shown(...blocks: Parameters<typeof pieces>[0]): VueWrapper {
  const piece = pieces(blocks)[0] as Piece;
  return mount(QualityBlock, {
    props: { piece, period: "week", place: (org: string) => `/quality?org=${org}` },
    global: { plugins: [router], stubs: { RouterLink: RouterLinkStub } },
    attachTo: document.body,
  });
}

const links = (view: VueWrapper): unknown[] => view.findAllComponents(RouterLinkStub).map((link) => link.props("to"));

describe("the renderer of quality blocks", () => {
  it("lets a figure open what is behind it, and says so where there are too few", () => {
    const view = shown(FIGURE, FEW);
    expect(links(view)).toEqual([FIGURE.opens, FEW.opens]);
    expect(view.text()).toContain("86%");
    expect(view.text()).toContain("too few to say");
  });

  it("gives a chart its words, its icons, its table and a way to what is behind it", () => {
    const view = shown(CHART);
    expect(view.text()).toContain(CHART.sentence);
    expect(view.findAll(".ear-xmr__dot[transform]")).toHaveLength(2);
    expect(view.get("table").text()).toContain("18 May");
    expect(view.get(".ear-assurance").attributes("aria-label")).toContain("target");
    expect(links(view)).toEqual([CHART.opens]);
  });

  it("writes a table's cells as they came, and links the rows that open something", () => {
    const view = shown(TABLE);
    expect(view.findAll("tbody tr").map((row) => row.text())).toEqual(["Carers120", "Stafftoo few to say"]);
    expect(links(view)).toEqual([TABLE.rows[0]?.opens]);
  });

  it("lists a funnel's places by name with their meaning, also those too small to draw", () => {
    const view = shown(FUNNEL);
    const rows = view.findAll("tbody tr").map((row) => row.text());
    expect(rows.map((row) => row.slice(0, 8))).toEqual(["Ward Ash", "Ward Elm", "Ward Oak"]);
    expect(rows[0]).toContain("Too few to say");
    expect(rows[2]).toContain("Lower than chance explains");
    expect(links(view)).toEqual([FUNNEL.opens, "/quality?org=o-Ward Ash", "/quality?org=o-Ward Elm", "/quality?org=o-Ward Oak"]);
  });

  it("leads through a funnel's places with one stop of the tab key and the arrow keys", async () => {
    const view = shown(FUNNEL);
    const stops = (): string[] => view.findAll(".ear-funnel__place").map((one) => one.attributes("tabindex") ?? "");
    expect(stops()).toEqual(["0", "-1"]);
    await view.get("svg[role=group]").trigger("keydown", { key: "ArrowRight" });
    expect(stops()).toEqual(["-1", "0"]);
    expect(document.activeElement?.getAttribute("aria-label")).toBe("Ward Oak: 60% of 200. Lower than chance explains.");
    await view.get("svg[role=group]").trigger("keydown", { key: "Home" });
    expect(stops()).toEqual(["0", "-1"]);
    await view.get(".ear-funnel__place").trigger("click");
    await vi.waitFor(() => expect(router.currentRoute.value.query["org"]).toBe("o-Ward Elm"));
  });

  it("gives each week of the silence map a mark and words, and explains the marks that are there", () => {
    const view = shown(MAP);
    expect(view.findAll("td").map((cell) => cell.text())).toEqual(["●heard", "Ssilent"]);
    expect(view.findAll(".ear-silence__key li")).toHaveLength(2);
  });
});
