import { afterEach, describe, expect, it, vi } from "vitest";
import { onSignedOut, Problem, queryString, request } from "./client";

function answer(status: number, body: string): void {
  vi.stubGlobal("fetch", () => Promise.resolve(new Response(status === 204 ? null : body, { status })));
}

afterEach(() => {
  vi.unstubAllGlobals();
  onSignedOut(() => undefined);
});

describe("a query", () => {
  it("repeats lists and leaves out what is empty, but keeps 0", () => {
    expect(queryString({ a: ["x", "y"], b: null, c: "", d: false, e: 0, f: true, g: [] })).toBe("?a=x&a=y&e=0&f=true");
    expect(queryString({ q: "a&b=c" })).toBe("?q=a%26b%3Dc");
    expect(queryString({})).toBe("");
  });
});

describe("a request", () => {
  it("gives the problem in the server's words", async () => {
    answer(422, JSON.stringify({ title: "Not valid", detail: "Say when.", errors: [{ field: "from", message: "A day" }] }));
    const problem: unknown = await request("/overview").catch((error: unknown) => error);
    expect(problem).toMatchObject({ status: 422, message: "Say when.", errors: [{ field: "from" }] });
    expect(problem).toBeInstanceOf(Problem);
  });

  it("says what to do when the answer is no problem document, and when there is no answer", async () => {
    answer(502, "<html>bad gateway</html>");
    await expect(request("/work")).rejects.toMatchObject({ status: 502, detail: expect.stringContaining("Try again") });
    vi.stubGlobal("fetch", () => Promise.reject(new TypeError("failed")));
    await expect(request("/work")).rejects.toMatchObject({ status: 0, detail: expect.stringContaining("connection") });
  });

  it("tells that the session ended, except when it asks for the session itself", async () => {
    const ended = vi.fn();
    onSignedOut(ended);
    answer(401, "{}");
    await request("/session").catch(() => null);
    expect(ended).not.toHaveBeenCalled();
    await request("/comments").catch(() => null);
    expect(ended).toHaveBeenCalledOnce();
  });

  it("says upon which version a change was made", async () => {
    const fetched = vi.fn((_address: string, _init: RequestInit) => Promise.resolve(new Response("{}")));
    vi.stubGlobal("fetch", fetched);
    await request("/cases/c-1", { method: "PATCH", body: {}, ifMatch: 7 });
    expect(new Headers(fetched.mock.calls[0]?.[1].headers).get("if-match")).toBe('"7"');
  });

  it("gives null for an empty answer", async () => {
    answer(204, "");
    await expect(request("/session", { method: "DELETE" })).resolves.toBeNull();
  });
});
