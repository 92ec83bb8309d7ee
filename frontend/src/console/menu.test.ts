import { describe, expect, it } from "vitest";
import type { Action } from "@/api/types";
import { menuFor } from "./menu";

const names = (...actions: Action[]): Record<"row" | "manage", string> => {
  const { row, manage } = menuFor((action) => actions.includes(action));
  return { row: row.map(({ name }) => name).join(" "), manage: manage.map(({ name }) => name).join(" ") };
};
const EVERYBODY: Action[] = ["comments", "measures", "themes", "signals"];
const HANDLER: Action[] = [...EVERYBODY, "review", "cases", "keys", "returns"];
const ADMINISTRATOR: Action[] = [...EVERYBODY, "learn", "import", "forms", "keys", "returns", "work", "people", "audit", "retention"];

describe("the main menu", () => {
  it("keeps an administrator's many rooms of keeping house out of the row", () =>
    expect(names(...ADMINISTRATOR)).toEqual({
      row: "Overview Signals Comments Themes Measures Returns",
      manage: "Learning Import Forms Work People Audit Retention Keys",
    }));

  it("spares whoever has few of them a step", () => {
    expect(names(...HANDLER)).toEqual({
      row: "Overview Signals Cases Comments Review Themes Measures Returns Learning Retention",
      manage: "",
    });
    expect(names(...EVERYBODY, "review", "forms")).toEqual({
      row: "Overview Signals Comments Review Themes Measures Learning Forms",
      manage: "",
    });
  });

  it("folds away four, and leaves three in the row", () => {
    expect(names("import", "forms", "work")).toEqual({ row: "Overview Import Forms Work", manage: "" });
    expect(names("learn", "import", "forms", "work")).toEqual({ row: "Overview", manage: "Learning Import Forms Work" });
  });

  it("folds away even three where the row is full without them", () =>
    expect(names(...HANDLER, "forms")).toEqual({
      row: "Overview Signals Cases Comments Review Themes Measures Returns",
      manage: "Learning Forms Retention",
    }));

  it("shows keys on their own only to people without cases", () => {
    expect(names("keys").row).toBe("Overview Keys");
    expect(names("keys", "cases").row).toBe("Overview Cases Retention");
    expect(names(...HANDLER, ...ADMINISTRATOR).manage).not.toContain("Keys");
  });

  it("has one current entry at every address, for whoever may do everything", () => {
    const { row, manage } = menuFor((action) => action !== "keys");
    for (const path of ["/", "/cases/1", "/keys/emergency", "/learning/coding", "/retention", "/signals/map"])
      expect([...row, ...manage].filter(({ own }) => own.test(path))).toHaveLength(1);
  });
});
