import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Plugin } from "postcss";

/** Every word in the pages that use a stylesheet: a class that is none of them cannot match anything. */
function wordsIn(files: readonly string[]): ReadonlySet<string> {
  const words = new Set<string>();
  for (const file of files) {
    for (const word of readFileSync(file, "utf8").match(/[A-Za-z_][\w-]*/g) ?? []) words.add(word);
  }
  return words;
}

/** All files under the folders whose names end in one of the endings. */
function filesUnder(folders: readonly string[], endings: readonly string[]): string[] {
  return folders
    .filter((folder) => existsSync(folder))
    .flatMap((folder) => readdirSync(folder, { recursive: true, encoding: "utf8" }).map((name) => join(folder, name)))
    .filter((file) => endings.some((ending) => file.endsWith(ending)));
}

/** Splits a selector list at its top-level commas, so that `:not(a, b)` stays whole. */
function selectorsOf(list: string): string[] {
  return list.split(/,(?![^(]*\))/).map((selector) => selector.trim());
}

/**
 * PostCSS plugin that leaves out rules for classes which none of the pages uses.
 *
 * `folders` are searched with all that lies below them for files with one of `endings`; a class inside `:not()` does not count as needed.
 * With no page found everything stays, so that a build outside the repository is large but right.
 */
export function purge(folders: readonly string[], endings: readonly string[]): Plugin {
  const used = wordsIn(filesUnder(folders, endings));
  const needed = (selector: string): boolean =>
    (selector.replace(/:not\([^)]*\)/g, "").match(/\.[A-Za-z_][\w-]*/g) ?? []).every((name) => used.has(name.slice(1)));
  return {
    postcssPlugin: "earshot-purge",
    OnceExit(root) {
      if (!used.size) return;
      root.walkRules((rule) => {
        const kept = selectorsOf(rule.selector).filter(needed);
        if (kept.length) rule.selector = kept.join(",");
        else rule.remove();
      });
      root.walkAtRules((rule) => {
        if (rule.nodes && !rule.nodes.length) rule.remove();
      });
    },
  };
}
