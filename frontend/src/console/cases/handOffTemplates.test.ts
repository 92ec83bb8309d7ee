import { describe, expect, it } from "vitest";
import { type About, fileName, template } from "./handOffTemplates";

const ABOUT: About = {
  reference: "K7Q2-MX4D",
  org_name: "Ward 4",
  stream: "staff",
  way: "anonymous",
  received: "2 March 2026",
  elements: ["Patient safety or quality"],
};

describe("template", () => {
  it("says where it comes from and what must be kept to", () => {
    const draft = template("safeguarding", ABOUT);
    expect(draft).toContain("Reference: K7Q2-MX4D");
    expect(draft).toContain("Raised by a member of staff, received on 2 March 2026.");
    expect(draft).toContain("Do not try to find out.");
    expect(draft).toContain("What it is about: Patient safety or quality");
  });

  it("asks for the two kinds of harm in a patient safety event only", () => {
    expect(template("lfpse", ABOUT)).toMatch(/Physical harm[\s\S]*Psychological harm/);
    expect(template("pals", ABOUT)).not.toContain("harm");
  });

  it("lets a named person be named, and nobody else", () => {
    expect(template("complaint", { ...ABOUT, way: "open" })).toContain("their name may be used");
    expect(template("complaint", { ...ABOUT, way: "confidential" })).toContain("do not pass on who it may be");
  });

  it("leaves out the elements that nobody chose yet", () => {
    expect(template("pals", { ...ABOUT, elements: [] })).not.toContain("What it is about");
  });
});

describe("fileName", () => {
  it("names neither place nor person", () => expect(fileName("lfpse", "K7Q2-MX4D")).toBe("K7Q2-MX4D-lfpse.txt"));
});
