// @vitest-environment jsdom
import { mount } from "@vue/test-utils";
import { describe, expect, it } from "vitest";
import OrgPicker from "./OrgPicker.vue";
import { TREE } from "./samples";

const picker = (modelValue: string | null = null) =>
  mount(OrgPicker, { props: { orgs: TREE, modelValue, label: "Organisation", all: "Everything" } });

describe("OrgPicker", () => {
  it("is a labelled combobox that shows the choice", () => {
    const view = picker("3");
    const input = view.get("input");
    expect(view.get("label").attributes("for")).toBe(input.attributes("id"));
    expect(input.element.value).toBe("Labour ward");
    expect(input.attributes("aria-expanded")).toBe("false");
  });

  it("chooses by arrow keys and Enter", async () => {
    const view = picker();
    const input = view.get("input");
    await input.trigger("keydown", { key: "ArrowDown" });
    await input.trigger("keydown", { key: "ArrowDown" });
    await input.trigger("keydown", { key: "ArrowDown" });
    const active = input.attributes("aria-activedescendant") ?? "none";
    expect(view.get(`[id="${active}"]`).text()).toContain("Maternity");
    await input.trigger("keydown", { key: "Enter" });
    expect(view.emitted("update:modelValue")).toEqual([["2"]]);
    expect(input.attributes("aria-expanded")).toBe("false");
  });

  it("finds what is typed, and leaves the choice alone on Escape", async () => {
    const view = picker("2");
    const input = view.get("input");
    await input.setValue("labour");
    expect(view.findAll(".ear-picker__option").map((option) => option.text())).toEqual(["Labour wardTeam"]);
    await input.trigger("keydown", { key: "Escape" });
    expect(view.emitted("update:modelValue")).toBeUndefined();
    expect(input.element.value).toBe("Maternity");
  });

  it("says so when nothing has that name, and chooses nothing", async () => {
    const view = picker("2");
    await view.get("input").setValue("zebra");
    expect(view.text()).toContain("No organisation has that name");
    await view.get("input").trigger("keydown", { key: "Enter" });
    expect(view.emitted("update:modelValue")).toBeUndefined();
  });
});
