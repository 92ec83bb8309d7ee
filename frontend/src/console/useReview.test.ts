// @vitest-environment jsdom
import { flushPromises, mount } from "@vue/test-utils";
import { afterEach, describe, expect, it, vi } from "vitest";
import { defineComponent, h } from "vue";
import type { ReviewItem, ReviewReason } from "@/api/types";
import { COMMENT } from "@/ui/samples";
import { verdicts } from "./triage";
import { type Reviewing, useReview } from "./useReview";

const item = (id: string, reason: ReviewReason): ReviewItem => ({
  id,
  comment: { ...COMMENT, id },
  reasons: [reason],
  urgent: reason === "safety",
  risk: 0,
  uncertainty: 0.5,
  org_id: "o-1",
  org_name: "Labour ward",
  stream: "patient",
  said_on: "2026-03-04",
  previous: null,
  next: null,
});
const FIRST = {
  items: [item("a", "safety"), item("b", "unsure")],
  next: "after-b",
  total: 3,
  counts: { person: 1, safety: 1, unsure: 1, sample: 0, held: 0 },
};
const SECOND = { ...FIRST, items: [item("c", "language")], next: null };

/** A server with a queue of three; remembers what it was asked. */
function serve(refuse = ""): string[] {
  const calls: string[] = [];
  vi.stubGlobal("fetch", (url: string, init: RequestInit) => {
    calls.push(`${init.method} ${url}`);
    if (refuse && url.includes(refuse)) return Promise.resolve(Response.json({ detail: "Not now" }, { status: 503 }));
    if (url.includes("/review")) return Promise.resolve(Response.json(url.includes("after=") ? SECOND : FIRST));
    if (url.endsWith("/corrections")) return Promise.resolve(Response.json({ id: "k-1", may_be_undone: true }, { status: 201 }));
    if (init.method === "GET") return Promise.resolve(Response.json({ ...COMMENT, id: url.split("/").at(-1) }));
    return Promise.resolve(new Response(null, { status: 204 }));
  });
  return calls;
}

async function opened(): Promise<Reviewing> {
  let found: Reviewing | undefined;
  const Page = defineComponent(() => {
    found = useReview(() => ({}));
    return () => h("h2", { id: "review-item", tabindex: "-1" });
  });
  mount(Page);
  await flushPromises();
  if (!found) throw new Error("the page did not open");
  return found;
}

/** Gives the first answer that the item in view asks for. */
const answer = async (review: Reviewing): Promise<void> => {
  const verdict = review.current.value && verdicts(review.current.value)[0];
  if (verdict) await review.decide(verdict);
};
afterEach(() => vi.unstubAllGlobals());

describe("going through the queue", () => {
  it("moves on after each answer, fetches what follows, and ends when all are done", async () => {
    const calls = serve();
    const review = await opened();
    for (const id of ["a", "b", "c"]) {
      expect(review.current.value?.id).toBe(id);
      await answer(review);
    }
    expect([...review.done.value]).toEqual(["a", "b", "c"]);
    expect(review.left("safety") + review.left("unsure") + review.left("person")).toBe(0);
    expect(calls.filter((call) => call.startsWith("POST"))).toEqual([
      "POST /api/comments/a/corrections",
      "POST /api/comments/b/corrections",
      "POST /api/comments/c/looked-at",
    ]);
  });

  it("goes back to what is taken back", async () => {
    const calls = serve();
    const review = await opened();
    await answer(review);
    await review.undo();
    expect(calls).toContain("DELETE /api/corrections/k-1");
    expect(review.current.value?.id).toBe("a");
    expect(review.done.value.size).toBe(0);
    expect(review.canUndo.value).toBe(false);
  });

  it("stays where it is, and says so, when the server does not take the answer", async () => {
    serve("/corrections");
    const review = await opened();
    await answer(review);
    expect(review.current.value?.id).toBe("a");
    expect(review.done.value.size).toBe(0);
    expect(review.said.value).toBe("Not now");
  });

  it("steps to both sides without an answer, and stops at the ends", async () => {
    serve();
    const review = await opened();
    await review.step(-1);
    expect(review.said.value).toContain("first");
    for (const _ of FIRST.items) await review.step(1);
    expect(review.place.value).toBe(3);
    await review.step(1);
    expect(review.said.value).toContain("last");
    expect(review.done.value.size).toBe(0);
  });
});
