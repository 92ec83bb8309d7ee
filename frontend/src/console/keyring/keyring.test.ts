// @vitest-environment jsdom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { newHandlerPair } from "@/keys/keyPair";
import type { Me } from "@/api/types";
import { draft, hasDrafts } from "../cases/drafts";
import { enter, forget } from "../session";
import { IDLE } from "./idle";
import { keepOpen, keysOpen, lockNow, pairOf, secretOf } from "./keyring";

describe("opened keys", () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"] }));
  afterEach(() => {
    lockNow();
    vi.useRealTimers();
  });

  it("are overwritten and forgotten when they are locked, with every case key that they opened", async () => {
    const pair = await newHandlerPair();
    keepOpen("p-1", pair);
    const secret = await secretOf("case", async () => new Uint8Array(32).fill(7));
    lockNow();
    expect(keysOpen.value).toBe(false);
    expect(pairOf("p-1")).toBeUndefined();
    expect([...pair.private, ...(secret ?? [])].every((byte) => byte === 0)).toBe(true);
  });

  it("open a case once, and again after they were locked", async () => {
    keepOpen("p-1", await newHandlerPair());
    const open = vi.fn(async () => new Uint8Array(32));
    await secretOf("case", open);
    await secretOf("case", open);
    expect(open).toHaveBeenCalledOnce();
    lockNow();
    keepOpen("p-1", await newHandlerPair());
    await secretOf("case", open);
    expect(open).toHaveBeenCalledTimes(2);
  });

  it("lock themselves after a quarter of an hour in which nobody did anything", async () => {
    keepOpen("p-1", await newHandlerPair());
    vi.advanceTimersByTime(IDLE - 1000);
    document.dispatchEvent(new Event("keydown"));
    vi.advanceTimersByTime(IDLE - 1000);
    expect(keysOpen.value).toBe(true);
    vi.advanceTimersByTime(1000);
    expect(keysOpen.value).toBe(false);
  });

  it("are gone, with all drafts, as soon as somebody signed out or their session ended", async () => {
    vi.stubGlobal("fetch", async () => Response.json([]));
    await enter({ account_id: "grace", need: "nothing" } as Me);
    keepOpen("p-1", await newHandlerPair());
    draft("c-1", "note").set("Ask the matron.");
    forget();
    expect([keysOpen.value, hasDrafts()]).toEqual([false, false]);
    vi.unstubAllGlobals();
  });

  it("leave nothing in the browser's storage", async () => {
    keepOpen("p-1", await newHandlerPair());
    expect([localStorage.length, sessionStorage.length, document.cookie]).toEqual([0, 0, ""]);
  });
});
