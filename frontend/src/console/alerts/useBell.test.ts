// @vitest-environment jsdom
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { effectScope, type EffectScope } from "vue";
import { quieten, waiting } from "./bell";
import { useBell } from "./useBell";

const MINUTE = 60_000;
let scope: EffectScope;
let looks = 0;

beforeEach(() => {
  looks = 0;
  vi.useFakeTimers();
  vi.stubGlobal("fetch", () => {
    looks += 1;
    return Promise.resolve(Response.json({ unseen: looks, urgent: 0 }));
  });
  scope = effectScope();
  scope.run(() => useBell(() => true));
});
afterEach(() => {
  scope.stop();
  quieten();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

it("looks at once and then every minute", async () => {
  await vi.advanceTimersByTimeAsync(3 * MINUTE + 1000);
  expect([looks, waiting.value.unseen]).toEqual([4, 4]);
});

it("stops where nobody is, so that the session can end, and looks again at the first touch", async () => {
  await vi.advanceTimersByTimeAsync(6 * MINUTE);
  const before = looks;
  await vi.advanceTimersByTimeAsync(60 * MINUTE);
  expect(looks).toBe(before);
  document.dispatchEvent(new Event("keydown"));
  await vi.advanceTimersByTimeAsync(1000);
  expect(looks).toBe(before + 1);
  await vi.advanceTimersByTimeAsync(MINUTE);
  expect(looks).toBe(before + 2);
});

it("does not look after it is gone", async () => {
  scope.stop();
  await vi.advanceTimersByTimeAsync(5 * MINUTE);
  expect(looks).toBe(1);
});
