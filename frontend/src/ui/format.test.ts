import { describe, expect, it } from "vitest";
import { count, counted, languageName, longDay, move, movePoints, percent, share, value } from "./format";

describe("numbers in words", () => {
  it("count one thing and many", () => {
    expect(counted(1, "comment")).toBe("1 comment");
    expect(counted(12340, "comment")).toBe("12,340 comments");
    expect(counted(2, "staff", "staff")).toBe("2 staff");
    expect([count(null), counted(null, "comment")]).toEqual(["too few to say", "too few comments to say"]);
  });

  it("show percentages, and a dash where there is none", () => {
    expect([percent(81.4), percent(null), share(0.873), value(12.345, "percent"), value(null, "count")]).toEqual([
      "81%",
      "–",
      "87%",
      "12.3%",
      "–",
    ]);
  });

  it("say how a number moved, in plain numbers when there are few", () => {
    expect(move(110, 100)).toEqual({ way: "up", text: "up 10%" });
    expect(move(2, 4)).toEqual({ way: "down", text: "down 2" });
    expect(move(5, 0)).toEqual({ way: "up", text: "none before" });
    expect(move(7, 7).way).toBe("same");
    expect(move(null, 7).text).toBe("too few to say");
    expect(movePoints(81.4, 84.1)).toEqual({ way: "down", text: "down 3 points" });
    expect(movePoints(81.4, 80.6).text).toBe("no change");
  });
});

describe("days and languages", () => {
  it("are written as people write them here, whatever the clock's zone", () => {
    expect(longDay("2026-03-04")).toBe("4 March 2026");
    expect(longDay("not a day")).toBe("not a day");
    expect(longDay(null)).toBe("–");
  });

  it("fall back to the code for a language without a name", () => {
    expect(languageName("pl")).toBe("Polish");
    expect(languageName("!!")).toBe("!!");
  });
});
