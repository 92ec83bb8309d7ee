// @vitest-environment jsdom
import { flushPromises, mount } from "@vue/test-utils";
import { afterEach, describe, expect, it, vi } from "vitest";
import { defineComponent, h } from "vue";
import type { SignalChange } from "@/api/types";
import { signal } from "@/ui/samples";
import { linkId, type Triage, useSignals } from "./useSignals";

const COUNTS = { total: 3, open: 3, new: 3, unowned: 3, overdue: 0, at_once: 0, concerns: 3, improvements: 0 };
const [ONE, TWO, THREE] = [signal("1"), signal("2"), signal("3")];
const ITEMS = [ONE, TWO, THREE];

/** A server with three signals; refuses changes to those named, and remembers what it was sent. */
function serve(refused: Record<string, number> = {}): [string, SignalChange][] {
  const sent: [string, SignalChange][] = [];
  vi.stubGlobal("fetch", (url: string, init: RequestInit) => {
    const id = url.split("/")[3] ?? "";
    if (init.method === "GET" && !id) return Promise.resolve(Response.json({ items: ITEMS, counts: COUNTS }));
    if (init.method === "GET") return Promise.resolve(Response.json({ signal: signal(id, { state: "watching", revision: 9 }) }));
    const change = JSON.parse(String(init.body)) as SignalChange;
    sent.push([id, change]);
    const status = refused[id];
    if (status) return Promise.resolve(Response.json({ title: "No", detail: "Somebody was faster." }, { status }));
    const state = change.action === "undo" ? "new" : "acknowledged";
    return Promise.resolve(Response.json(signal(id, { state, revision: change.revision + 1 })));
  });
  return sent;
}

async function opened(): Promise<Triage> {
  let found: Triage | undefined;
  const Page = defineComponent(() => {
    const triage = (found = useSignals(() => ({})));
    return () => triage.items.value.map((one) => h("a", { id: linkId(one), href: "#" }, one.sentence));
  });
  mount(Page, { attachTo: document.body });
  await flushPromises();
  if (!found) throw new Error("the page did not open");
  return found;
}

const states = ({ items }: Triage): string[] => items.value.map(({ state }) => state);
afterEach(() => {
  vi.unstubAllGlobals();
  document.body.innerHTML = "";
});

describe("going through signals", () => {
  it("moves the focus from one to the next, and says where the list ends", async () => {
    serve();
    const triage = await opened();
    await triage.step(1);
    expect(document.activeElement?.id).toBe("signal-2");
    await triage.step(-1);
    await triage.step(-1);
    expect([triage.at.value, triage.said.value]).toEqual([0, "This is the first one."]);
  });

  it("sends the revision that was seen, keeps the signal in its place, and takes the step back", async () => {
    const sent = serve();
    const triage = await opened();
    await triage.act(TWO, "acknowledge");
    expect(states(triage)).toEqual(["new", "acknowledged", "new"]);
    expect(triage.said.value).toBe("Acknowledged. Ward 2.");
    await triage.undo();
    expect(sent).toEqual([["2", { action: "acknowledge", revision: 1 }], ["2", { action: "undo", revision: 2 }]]);
    expect(states(triage)).toEqual(["new", "new", "new"]);
    expect([triage.canUndo.value, document.activeElement?.id]).toEqual([false, "signal-2"]);
  });

  it("shows what somebody else made of a signal when they were faster", async () => {
    serve({ "1": 412 });
    const triage = await opened();
    await triage.act(ONE, "acknowledge");
    expect(triage.said.value).toBe("Somebody was faster.");
    expect(triage.items.value[0]).toMatchObject({ state: "watching", revision: 9 });
    expect(triage.canUndo.value).toBe(false);
  });

  it("goes on with the others when one of many cannot be changed", async () => {
    const sent = serve({ "2": 409 });
    const triage = await opened();
    await triage.actOnAll(ITEMS, "acknowledge");
    expect(sent).toHaveLength(3);
    expect(states(triage)).toEqual(["acknowledged", "new", "acknowledged"]);
    expect(triage.said.value).toBe("2 signals: acknowledged. 1 signal stayed as before: look at them one by one.");
  });
});
