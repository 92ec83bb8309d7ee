// @vitest-environment jsdom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { showHints } from "./hints";

beforeEach(() => {
  vi.useFakeTimers();
  document.body.innerHTML = "<form><textarea></textarea></form>";
});
afterEach(() => vi.useRealTimers());

describe("hints while typing", () => {
  it("come when the typing pauses, go when they no longer hold, and stay away from who wants to be known", () => {
    const area = document.querySelector("textarea") as HTMLTextAreaElement;
    let unknown = true;
    showHints(area, () => unknown);
    const box = document.querySelector("[aria-live=polite]") as HTMLElement;
    const type = (text: string): void => {
      area.value = text;
      area.dispatchEvent(new Event("input"));
    };
    type("I saw Dr Ames leave.");
    expect(box.textContent).toBe("");
    vi.advanceTimersByTime(1000);
    expect(box.textContent).toContain("“Dr Ames”");
    const said = box.querySelector("li");
    type("I saw Dr Ames leave. ");
    vi.advanceTimersByTime(1000);
    expect(box.querySelector("li")).toBe(said); // nothing new: it is not read aloud again
    type("I saw a doctor leave.");
    vi.advanceTimersByTime(1000);
    expect(box.textContent).toBe("");
    unknown = false;
    type("I saw Dr Ames leave.");
    vi.advanceTimersByTime(1000);
    expect(box.textContent).toBe("");
  });
});
