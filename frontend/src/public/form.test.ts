// @vitest-environment jsdom
import { readFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { announceErrors } from "./announceErrors";
import { countCharacters, leftWords } from "./countCharacters";
import { sendOnce } from "./sendOnce";

const PAGE = readFileSync("public.html", "utf8");
const get = <T extends HTMLElement>(selector: string): T => document.querySelector<T>(selector) as T;

beforeEach(() => {
  vi.useFakeTimers();
  document.body.innerHTML = PAGE.slice(PAGE.indexOf("<body"), PAGE.indexOf("</body>"));
});
afterEach(() => vi.useRealTimers());

describe("the error summary", () => {
  it("takes the focus, and its links lead to the fields", () => {
    announceErrors(document);
    expect(document.activeElement).toBe(get(".nhsuk-error-summary"));
    get('a[href="#why"]').click();
    expect(document.activeElement).toBe(get("#why"));
  });

  it("leaves a page without errors alone", () => {
    get(".nhsuk-error-summary").remove();
    announceErrors(document);
    expect(document.activeElement).toBe(document.body);
  });
});

describe("the character count", () => {
  const type = (text: string): void => {
    const area = get<HTMLTextAreaElement>("#why");
    area.value = text;
    area.dispatchEvent(new Event("input"));
  };

  it("stays away until three quarters are used, and then is read only when the typing pauses", () => {
    countCharacters(get("[data-maxlength]"));
    const [seen, heard] = [get(".nhsuk-character-count__message"), get("[aria-live]")];
    type("x".repeat(74));
    expect(seen.hidden).toBe(true);
    type("x".repeat(75));
    expect([seen.textContent, heard.textContent]).toEqual(["You have 25 characters left", ""]);
    vi.advanceTimersByTime(1000);
    expect(heard.textContent).toBe("You have 25 characters left");
  });

  it("counts as the server counts, and says when there are too many", () => {
    expect(leftWords("😊😊", 3)).toBe("You have 1 character left");
    expect(leftWords("abcde", 3)).toBe("You have 2 characters too many");
  });
});

describe("sending", () => {
  const send = (): boolean => get("form").dispatchEvent(new Event("submit", { cancelable: true }));

  it("happens once, and again after the browser's back button", () => {
    sendOnce(get("form"));
    expect(send()).toBe(true);
    expect(send()).toBe(false);
    expect(get("button").getAttribute("aria-disabled")).toBe("true");
    window.dispatchEvent(new Event("pageshow"));
    expect(send()).toBe(true);
  });
});
