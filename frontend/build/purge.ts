import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { AtRule, Plugin, Root, Rule } from "postcss";

/** All files under the folders whose names end in one of the endings. */
function filesUnder(folders: readonly string[], endings: readonly string[]): string[] {
  return folders
    .filter((folder) => existsSync(folder))
    .flatMap((folder) => readdirSync(folder, { recursive: true, encoding: "utf8" }).map((name) => join(folder, name)))
    .filter((file) => endings.some((ending) => file.endsWith(ending)));
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
 * `folders` are searched with all that lies below them for files with one of `endings`; what stands inside `:not()` does not
 * count as needed. With no page found everything stays, so that a build outside the repository is large but right.
 */
export function purge(folders: readonly string[], endings: readonly string[]): Plugin {
  const used = wordsIn(filesUnder(folders, endings));
  return {
    postcssPlugin: "earshot-purge",
    OnceExit(root) {
      if (used.size) dropUnused(root, used);
      dropLegacy(root);
      dropEmpty(root);
    },
  };
}
