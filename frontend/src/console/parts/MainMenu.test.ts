// @vitest-environment jsdom
import { mount, type VueWrapper } from "@vue/test-utils";
import { afterEach, describe, expect, it, vi } from "vitest";
import { createMemoryHistory, createRouter } from "vue-router";
import { forget, signIn } from "../session";
import MainMenu from "./MainMenu.vue";

const MANY = ["comments", "learn", "import", "forms", "work"];
let shown: VueWrapper | undefined;
// Who is signed in is shared between files, and so is the document that a menu listens to.
afterEach(() => {
  shown?.unmount();
  shown = undefined;
  vi.unstubAllGlobals();
  forget();
});

/** The menu of somebody who may do this, at an address. */
async function menuOf(may: string[], path = "/"): Promise<VueWrapper> {
  vi.stubGlobal("fetch", (url: string) => Promise.resolve(Response.json(url === "/api/orgs" ? [] : { may, need: "nothing" })));
  await signIn("someone@example.org", "a long password");
  const router = createRouter({ history: createMemoryHistory(), routes: [{ path: "/:rest(.*)*", component: { template: "<p></p>" } }] });
  await router.push(path);
  shown?.unmount();
  return (shown = mount(MainMenu, { attachTo: document.body, global: { plugins: [router] } }));
}

/** The same with "Manage" unfolded. */
async function unfolded(path = "/"): Promise<VueWrapper> {
  const view = await menuOf(MANY, path);
  await view.get("button").trigger("click");
  expect(view.get("button").attributes("aria-expanded")).toBe("true");
  return view;
}

const isFolded = (view: VueWrapper): boolean => view.get("button").attributes("aria-expanded") === "false";

describe("MainMenu", () => {
  it("folds many rooms of keeping house under one button, and shows few at once", async () => {
    const view = await menuOf(MANY);
    expect(view.get("#ear-manage").text()).toBe("LearningImportFormsWork");
    expect(isFolded(view)).toBe(true);
    expect((await menuOf(["comments", "forms"])).find("button").exists()).toBe(false);
  });

  it("closes on Escape and gives the focus back to the button", async () => {
    const view = await unfolded();
    view.get<HTMLElement>("#ear-manage a").element.focus();
    await view.get("#ear-manage a").trigger("keydown", { key: "Escape" });
    expect(isFolded(view)).toBe(true);
    expect(document.activeElement).toBe(view.get("button").element);
  });

  it("closes on a click elsewhere, and not on one inside", async () => {
    const view = await unfolded();
    await view.get("#ear-manage").trigger("pointerdown");
    expect(isFolded(view)).toBe(false);
    document.body.dispatchEvent(new Event("pointerdown", { bubbles: true }));
    await view.vm.$nextTick();
    expect(isFolded(view)).toBe(true);
  });

  it("closes when the focus moves on past its last entry", async () => {
    const view = await unfolded();
    const [first, last] = view.findAll("#ear-manage a").filter((_, n, all) => n === 0 || n === all.length - 1);
    await first?.trigger("focusout", { relatedTarget: last?.element });
    expect(isFolded(view)).toBe(false);
    await last?.trigger("focusout", { relatedTarget: document.body });
    expect(isFolded(view)).toBe(true);
  });

  it("closes when another page opens, and says that it holds it", async () => {
    const view = await unfolded("/comments");
    expect(view.get("button").attributes("aria-current")).toBeUndefined();
    await view.vm.$router.push("/import/7?org=1");
    expect(isFolded(view)).toBe(true);
    expect(view.get("button").attributes("aria-current")).toBe("true");
    const [current, ...others] = view.findAll("[aria-current=page]");
    expect(current?.text()).toBe("Import");
    expect(others).toEqual([]);
  });

  it("takes the chosen place along", async () => {
    const view = await menuOf(MANY, "/comments?org=abc&q=soup");
    expect(view.get("#ear-manage a").attributes("href")).toBe("/learning?org=abc");
  });
});
