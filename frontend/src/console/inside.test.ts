import { describe, expect, it } from "vitest";
import { inside } from "./inside";

describe("where to go after signing in", () => {
  it("is where one was", () => {
    expect(inside("/comments?q=soup&stream=carer")).toBe("/comments?q=soup&stream=carer");
  });

  it.each(["https://elsewhere.example", "//elsewhere.example", "/\\elsewhere.example", "javascript:alert(1)", undefined, "/sign-in?next=/"])(
    "is the overview rather than %s",
    (next) => expect(inside(next)).toBe("/"),
  );
});
