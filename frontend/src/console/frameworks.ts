import type { Dimension, Frameworks, Stream, ThemeMapping, ThemeRow } from "@/api/types";

/** Themes to choose from, under the name of their framework. */
export interface ThemeGroup {
  name: string;
  themes: readonly string[];
}

/** Rows of one dimension; null for themes that belong to none. */
export interface DimensionRows {
  dimension: Dimension | null;
  rows: readonly ThemeRow[];
}

/** The frameworks that read what these streams say, each with its themes; nothing before they are known. */
export function themeGroups(known: Frameworks | null, streams: readonly Stream[]): ThemeGroup[] {
  return (known?.frameworks ?? [])
    .filter((one) => one.streams.some((stream) => streams.includes(stream)))
    .map(({ name, themes }) => ({ name, themes: themes.map((theme) => theme.name) }));
}

/** The ids of a theme's dimensions, of every mapping. */
function dimensionsOf(known: Frameworks | null, theme: string): readonly string[] {
  return known?.frameworks.flatMap(({ themes }) => themes).find(({ name }) => name === theme)?.dimensions ?? [];
}

/** Where a theme belongs: the names of its dimensions, mapping by mapping. */
export function placed(known: Frameworks | null, theme: string): { mapping: string; names: string[] }[] {
  const ids = dimensionsOf(known, theme);
  return (known?.mappings ?? [])
    .map(({ name, dimensions }) => ({ mapping: name, names: dimensions.filter(({ id }) => ids.includes(id)).map((one) => one.name) }))
    .filter(({ names }) => names.length > 0);
}

/** Sorts rows under the dimensions of a mapping; a theme of several dimensions stands under each. */
export function grouped(known: Frameworks | null, mapping: ThemeMapping, rows: readonly ThemeRow[]): DimensionRows[] {
  const own = mapping.dimensions.map(({ id }) => id);
  const under = mapping.dimensions.map((dimension) => ({
    dimension,
    rows: rows.filter(({ theme }) => dimensionsOf(known, theme).includes(dimension.id)),
  }));
  const none = rows.filter(({ theme }) => !dimensionsOf(known, theme).some((id) => own.includes(id)));
  return [...under, { dimension: null, rows: none }].filter((one) => one.rows.length > 0);
}

/** A dimension in words, with its mapping; the id itself for one that is not known. */
export function dimensionWords(known: Frameworks | null, id: string): string {
  for (const { name, dimensions } of known?.mappings ?? []) {
    const found = dimensions.find((one) => one.id === id);
    if (found) return `${name}: ${found.name}`;
  }
  return id;
}
