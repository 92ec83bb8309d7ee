import { describe, expect, it } from "vitest";
import { findWord, highlight, telling, wordsAt } from "./highlight";

const TEXT = "😊 The nurse [name 1] was kind. I waited hours!";
const SENTENCES = [
  { start: 0, end: 30, sentiment: 1 as const },
  { start: 31, end: 46, sentiment: 5 as const },
];
const joined = (lines: ReturnType<typeof highlight>): string =>
  lines.flatMap(({ pieces }) => pieces.map(({ text }) => text)).join("");

describe("highlight", () => {
  it("never changes the comment", () => {
    for (const text of [TEXT, "", "no marks", "[name 1]", "a\n\nb"]) {
      expect(joined(highlight(text, SENTENCES, [{ text: "a", weight: 1 }], ["b"]))).toBe(text);
    }
  });

  it("counts characters as the server does, so that an emoji is one", () => {
    const lines = highlight(TEXT, SENTENCES).filter(({ sentiment }) => sentiment !== null);
    expect(lines.map(({ pieces }) => pieces.map(({ text }) => text).join(""))).toEqual([
      "😊 The nurse [name 1] was kind.",
      "I waited hours!",
    ]);
  });

  it("marks the theme's words with their weight, and only whole words", () => {
    const pieces = highlight("Kind, unkind, KIND", [], [{ text: "kind", weight: 2 }]).flatMap((line) => line.pieces);
    expect(pieces.filter(({ weight }) => weight === 2).map(({ text }) => text)).toEqual(["Kind", "KIND"]);
  });

  it("tells what was taken out, but leaves other brackets alone", () => {
    const pieces = highlight("[name 2] and [NHS number] and [sic]", []).flatMap((line) => line.pieces);
    expect(pieces.map(({ redacted }) => redacted).filter(Boolean)).toEqual(["name 2", "NHS number"]);
  });

  it("keeps a search hit and a theme word apart where they overlap", () => {
    const pieces = highlight("long waiting time", [], [{ text: "waiting time", weight: 1 }], ["waiting"])[0]?.pieces ?? [];
    expect(pieces.map(({ text, hit, weight }) => [text, hit, weight])).toEqual([
      ["long ", false, 0],
      ["waiting", true, 1],
      [" time", false, 1],
    ]);
  });

  it("marks the words that told of risk, counted as the server counts", () => {
    const pieces = highlight("😊 I want to die today", [], [], [], [{ start: 2, end: 15 }]).flatMap((line) => line.pieces);
    expect(pieces.map(({ text, risk }) => [text, risk])).toEqual([
      ["😊 ", false],
      ["I want to die", true],
      [" today", false],
    ]);
    expect(wordsAt("😊 I want to die today", { start: 2, end: 15 })).toBe("I want to die");
  });

  it("marks nothing by ranges of a reading that the text has outlived", () => {
    const stale = [{ start: 0, end: 8, sentiment: 5 as const }];
    expect(highlight("The [name 1] shouted.", stale).map(({ sentiment }) => sentiment)).toEqual([null]);
    const inside = [{ start: 0, end: 11, sentiment: 5 as const }];
    expect(highlight("The [name 1] shouted.", inside).map(({ sentiment }) => sentiment)).toEqual([null]);
    const pieces = highlight("I was hurt", [], [], [], [{ start: 3, end: 8 }]).flatMap((line) => line.pieces);
    expect(pieces.some(({ risk }) => risk)).toBe(false);
  });

  it("leaves out words that hardly counted", () => {
    const words = [
      { text: "kind", weight: 2 },
      { text: "it", weight: 0.3 },
      { text: "not", weight: -1 },
    ];
    expect(telling(words).map(({ text }) => text)).toEqual(["kind"]);
    expect(telling([])).toEqual([]);
  });

  it("takes search words as words, not as patterns", () => {
    expect(findWord("cost (£5.00) more", "(£5.00)")).toHaveLength(1);
    expect(findWord("anything", ".*")).toHaveLength(0);
    expect(findWord("anything", "  ")).toHaveLength(0);
  });

  it("survives sentences that overlap or end outside the text", () => {
    const odd = [
      { start: 2, end: 900, sentiment: 3 as const },
      { start: 0, end: 5, sentiment: 2 as const },
    ];
    expect(joined(highlight("hello there", odd))).toBe("hello there");
  });
});
