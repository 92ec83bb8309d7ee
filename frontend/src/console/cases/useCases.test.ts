// @vitest-environment jsdom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { effectScope, nextTick } from "vue";
import type { CaseItem } from "@/api/cases";
import { WAIT } from "./held";
import { type Desk, useCases } from "./useCases";

const ME = { id: "me", name: "Grace" };

function item(id: string, some: Partial<CaseItem> = {}): CaseItem {
  return {
    id,
    reference: `R-${id}`,
    state: "new",
    version: 1,
    thanked_on: null,
    owner: null,
    deputy: null,
    elements: [],
    lock: null,
    reading: null,
    ...some,
  } as CaseItem;
}

/** A server that keeps cases as the real one does: each change needs the newest version and makes the next. */
class Server {
  readonly asked: string[] = [];

  constructor(public items: CaseItem[]) {}

  readonly fetch = async (address: string, init: RequestInit): Promise<Response> => {
    const method = init.method ?? "GET";
    this.asked.push(`${method} ${address}`);
    if (method === "GET") return Response.json({ items: this.items, counts: {} });
    const body = JSON.parse(String(init.body));
    if (address.endsWith("/thank")) return Response.json({ items: body.ids.map((id: string) => this.put(id, { thanked_on: "2026-03-02" })) });
    const id = address.split("/")[3] ?? "";
    const seen = Number(new Headers(init.headers).get("if-match")?.replaceAll('"', ""));
    if (seen !== this.one(id).version) return Response.json({ title: "Stale", detail: "Somebody else changed this." }, { status: 412 });
    return Response.json(this.put(id, address.endsWith("/owner") ? { owner: { id: body.account_id, name: "" } } : body));
  };

  one(id: string): CaseItem {
    return this.items.find((each) => each.id === id) as CaseItem;
  }

  put(id: string, some: Partial<CaseItem>): CaseItem {
    this.items = this.items.map((each) => (each.id === id ? { ...each, ...some, version: each.version + 1 } : each));
    return this.one(id);
  }
}

let server: Server;
let desk: Desk;
let leave: () => void;
const shown = (id: string): CaseItem => desk.items.value.find((each) => each.id === id) as CaseItem;
const wait = async (ms = 0): Promise<void> => {
  await vi.advanceTimersByTimeAsync(ms);
  await nextTick();
};

beforeEach(async () => {
  vi.useFakeTimers();
  server = new Server([item("a"), item("b", { deputy: ME })]);
  vi.stubGlobal("fetch", server.fetch);
  const scope = effectScope();
  desk = scope.run(() => useCases(() => ({}))) as Desk;
  leave = () => scope.stop();
  await wait();
});
afterEach(() => {
  leave();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("the queue", () => {
  it("shows thanks at once, sends them after ten seconds, and can take them back until then", async () => {
    desk.thank([shown("a")]);
    expect([shown("a").thanked_on === null, server.one("a").thanked_on]).toEqual([false, null]);
    desk.undo();
    expect(shown("a").thanked_on).toBeNull();
    desk.thank([shown("a"), shown("b")]);
    expect(desk.said.value).toBe("Thanked 2 cases.");
    await wait(WAIT);
    expect(server.items.map(({ thanked_on }) => thanked_on)).toEqual(["2026-03-02", "2026-03-02"]);
    expect(desk.canUndo.value).toBe(false);
  });

  it("sends quick steps on one case in their order, each upon the version that the one before made", async () => {
    desk.thank([shown("a")]);
    desk.change(shown("a"), { elements: ["Safety"] }, "Accepted.");
    expect([shown("a").thanked_on === null, shown("a").elements]).toEqual([false, ["Safety"]]);
    await desk.own([shown("a")], ME);
    expect(server.one("a")).toMatchObject({ version: 4, elements: ["Safety"], owner: { id: "me" } });
    expect(shown("a").version).toBe(4);
  });

  it("says so when somebody else was faster, and shows what they made of the case", async () => {
    server.put("a", { owner: { id: "other", name: "Dev" } });
    desk.change(shown("a"), { elements: ["Safety"] }, "Accepted.");
    await wait(WAIT);
    expect(desk.said.value).toBe("Somebody else changed R-a. Look at it and decide again.");
    expect(shown("a")).toMatchObject({ elements: [], owner: { name: "Dev" } });
  });

  it("makes nobody the deputy of themselves", async () => {
    const bodies: unknown[] = [];
    vi.stubGlobal("fetch", (address: string, init: RequestInit) => {
      if (init.body) bodies.push(JSON.parse(String(init.body)));
      return server.fetch(address, init);
    });
    await desk.own([shown("b")], ME);
    expect(bodies).toEqual([{ account_id: "me", deputy_id: null }]);
  });

  it("sends what waits when the page is left, and when the tab is closed", async () => {
    desk.thank([shown("a")]);
    dispatchEvent(new Event("pagehide"));
    await wait();
    expect(server.one("a").thanked_on).toBe("2026-03-02");
    desk.thank([shown("b")]);
    leave();
    await wait();
    expect(server.one("b").thanked_on).toBe("2026-03-02");
  });
});
