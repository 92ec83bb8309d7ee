import { describe, expect, it } from "vitest";
import { openable } from "./opening";

describe("the way to what is behind a number", () => {
  it("leads nowhere for those who may not enter", () => {
    expect(openable("/cases", () => false)).toBeNull();
    expect(openable("/cases?state=new", (action) => action === "comments")).toBeNull();
  });

  it("stays as it came for those who may, and where there is no door", () => {
    expect(openable("/comments?org=1", (action) => action === "comments")).toBe("/comments?org=1");
    expect(openable("/quality/safe", () => false)).toBe("/quality/safe");
    expect(openable(null, () => true)).toBeNull();
  });
});
