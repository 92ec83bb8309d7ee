import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { AtRule, Plugin, Root, Rule } from "postcss";

/** All files in a folder and below it whose names end so; none where there is no such folder. */
function filesUnder(folder: string, ending: string): string[] {
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" });
  return names.filter((name) => name.endsWith(ending)).map((name) => join(folder, name));
}

/** Every word in the pages that use a stylesheet: a class or an element that is none of them cannot match anything. */
function wordsIn(files: readonly string[]): ReadonlySet<string> {
  const words = new Set<string>();
  for (const file of files) {
    for (const word of readFileSync(file, "utf8").match(/[A-Za-z_][\w-]*/g) ?? []) words.add(word);
  }
  return words;
}

/** Splits a selector list at its top-level commas, so that `:not(a, b)` stays whole. */
function selectorsOf(list: string): string[] {
  return list.split(/,(?![^(]*\))/).map((selector) => selector.trim());
}

/** The classes and elements that must be on a page for this selector to match. */
function namesIn(selector: string): string[] {
  const plain = selector.replace(/:not\([^)]*\)|\[[^\]]*\]|::?[\w-]+/g, "");
  return plain.match(/[A-Za-z_][\w-]*/g) ?? [];
}

function dropUnused(root: Root, used: ReadonlySet<string>): void {
  root.walkRules((rule: Rule) => {
    if (rule.parent?.type === "atrule" && (rule.parent as AtRule).name.endsWith("keyframes")) return;
    const kept = selectorsOf(rule.selector).filter((selector) => namesIn(selector).every((name) => used.has(name)));
    if (kept.length) rule.selector = kept.join(",");
    else rule.remove();
  });
}

/** Leaves out custom properties that nothing reads, and queries for browsers that are gone. */
function dropLegacy(root: Root): void {
  const read = root.toString();
  root.walkDecls(/^--/, (declaration) => {
    if (!read.includes(`var(${declaration.prop}`)) declaration.remove();
  });
  root.walkAtRules("media", (rule) => {
    if (rule.params.includes("screen\\0")) rule.remove();
    rule.params = rule.params.replace(/screen and \(forced-colors: active\), \(-ms-high-contrast: active\)/, "(forced-colors: active)");
  });
}

function dropEmpty(root: Root): void {
  root.walkRules((rule) => {
    if (!rule.nodes.length) rule.remove();
  });
  root.walkAtRules((rule) => {
    if (rule.nodes && !rule.nodes.length) rule.remove();
  });
}

/**
 * PostCSS plugin that leaves out rules for classes and elements which none of the pages uses.
 *
 * The pages are the `.html` files below `pageFolder`; names in the scripts (`.ts`) below `scriptFolder` are used too. What stands
 * inside `:not()` does not count as needed. With no page found everything stays, so that a build outside the repository is
 * large but right.
 */
export function purge(pageFolder: string, scriptFolder: string): Plugin {
  const pages = filesUnder(pageFolder, ".html");
  const used = wordsIn([...pages, ...filesUnder(scriptFolder, ".ts")]);
  return {
    postcssPlugin: "earshot-purge",
    OnceExit(root) {
      if (pages.length) dropUnused(root, used);
      dropLegacy(root);
      dropEmpty(root);
    },
  };
}
