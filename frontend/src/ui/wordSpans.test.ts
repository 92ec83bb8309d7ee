import { describe, expect, it } from "vitest";
import { between, wordSpans } from "./wordSpans";

const words = (text: string) => wordSpans(text).filter(({ word }) => word);
const cut = (text: string, { start, end }: { start: number; end: number }) => [...text].slice(start, end).join("");

describe("words that can be chosen", () => {
  it("put together with their gaps are the text again, whatever is in it", () => {
    for (const text of ["", "Sister Ann, 😊\n\nwas [name 1]'s friend [sic", "]]a[[", "  two  "]) {
      expect(wordSpans(text).map((span) => span.text).join("")).toBe(text);
    }
  });

  it("leave out what was taken out before", () => {
    expect(words("Tell [name 1] and Ann").map(({ text }) => text)).toEqual(["Tell", "and", "Ann"]);
  });

  it("count characters as the server does, and drop the punctuation around the choice", () => {
    const text = "😊 Sister “Ann Lee”, hello";
    const [, ann, lee] = words(text);
    expect(ann && lee && cut(text, between(lee, ann))).toBe("Ann Lee");
    expect(ann && cut(text, between(ann, ann))).toBe("Ann");
  });
});
