import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import postcss from "postcss";
import { describe, expect, it } from "vitest";
import { browserOwn } from "./browserOwn.ts";
import { logical } from "./logical.ts";
import { purge } from "./purge.ts";

const styled = (plugin: postcss.Plugin, css: string): string => postcss([plugin]).process(css, { from: undefined }).css;

describe("logical", () => {
  it.each([
    ["a{margin-left:1px}", "a{margin-inline-start:1px}"],
    ["a{text-align:right}", "a{text-align:end}"],
    ["a{float:left}", "a{float:inline-start}"],
    ["a{left:0}", "a{inset-inline-start:0}"],
    ["a{margin:0 1px 2px 3px}", "a{margin-block:0 2px;margin-inline:3px 1px}"],
    ["a{margin:0 1px 2px 1px}", "a{margin:0 1px 2px 1px}"],
    ["a{padding:0 calc(1px + 2px) 0 0}", "a{padding-block:0 0;padding-inline:0 calc(1px + 2px)}"],
  ])("writes %s as %s", (physical, mirrored) => expect(styled(logical(), physical)).toBe(mirrored));
});

describe("browserOwn", () => {
  it("asks for no picture in search fields, and leaves the fields alone", () => {
    const css = "input[type=search]{a:b}input[type=search]::-webkit-search-cancel-button{background:url(/x.svg)}";
    expect(styled(browserOwn(), css)).toBe("input[type=search]{a:b}");
  });
});

describe("purge", () => {
  const folder = mkdtempSync(join(tmpdir(), "purge-"));
  writeFileSync(join(folder, "page.html"), '<p class="used {% if x %}used--more{% endif %}"><a href="#">x</a></p>');
  writeFileSync(join(folder, "script.ts"), "element.className = 'scripted'");
  const css = ".scripted{b:c}.used a:hover{b:c}.used--more,.gone{b:c}.gone a{b:c}table{b:c}p:not(.gone){b:c}@media print{.gone{b:c}}";

  it("keeps what a page uses and leaves out the rest", () => {
    expect(styled(purge(folder, folder), css)).toBe(".scripted{b:c}.used a:hover{b:c}.used--more{b:c}p:not(.gone){b:c}");
  });

  it("keeps everything when there is no page to look at", () => {
    expect(styled(purge(join(folder, "none"), folder), ".gone{b:c}")).toBe(".gone{b:c}");
  });
});
