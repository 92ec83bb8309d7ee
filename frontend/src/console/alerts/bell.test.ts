import { afterEach, expect, it, vi } from "vitest";
import { lookAgain, news, quieten, waiting } from "./bell";

afterEach(() => {
  vi.unstubAllGlobals();
  quieten();
});

/** What the server answers at each look, one after the other. */
function answers(...bodies: object[]): void {
  vi.stubGlobal("fetch", () => Promise.resolve(bodies.length ? Response.json(bodies.shift()) : new Response("", { status: 503 })));
}

it("tells what came while the page was open, and not what was there before", async () => {
  answers({ unseen: 2, urgent: 0 }, { unseen: 3, urgent: 0 }, { unseen: 3, urgent: 0 });
  await lookAgain();
  expect([waiting.value.unseen, news.value]).toEqual([2, ""]);
  await lookAgain();
  expect(news.value).toBe("1 new alert.");
  await lookAgain();
  expect(news.value).toBe("");
});

it("keeps its last number while the server is away", async () => {
  answers({ unseen: 4, urgent: 1 });
  await lookAgain();
  await lookAgain();
  expect(waiting.value).toEqual({ unseen: 4, urgent: 1 });
});
