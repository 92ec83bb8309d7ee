import { describe, expect, it } from "vitest";
import { characters, wrongWith } from "./passphrase";

describe("wrongWith", () => {
  it("asks for fifteen characters", () => {
    expect(wrongWith("fourteen chars", "fourteen chars")?.field).toBe("passphrase");
    expect(wrongWith("fifteen chars ok", "fifteen chars ok")).toBeNull();
  });

  it("asks for the same twice, whatever keyboard typed it", () => {
    expect(wrongWith("a café with green doors", "a cafe\u0301 with green doors")).toBeNull();
    expect(wrongWith("a café with green doors", "a cafe with green doors")?.field).toBe("again");
  });

  it("refuses one letter over and over", () => expect(wrongWith("a".repeat(20), "a".repeat(20))?.field).toBe("passphrase"));
});

describe("characters", () => {
  it("counts what people see", () => expect(characters("e\u0301👩‍⚕️")).toBe(2));
});
