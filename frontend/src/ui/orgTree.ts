import type { Org } from "@/api/types";

/** An organisation with its depth below the outermost one that the person may see. */
export interface Branch {
  org: Org;
  depth: number;
}

/** Gives each organisation its depth; the order stays as it came (tree order). */
export function branches(orgs: readonly Org[]): Branch[] {
  const depths = new Map<string, number>();
  return orgs.map((org) => {
    const above = org.parent_id === null ? undefined : depths.get(org.parent_id);
    const depth = above === undefined ? 0 : above + 1;
    depths.set(org.id, depth);
    return { org, depth };
  });
}

/** The organisations whose name or code holds every word of `search`; all of them when there is nothing to search. */
export function matching(tree: readonly Branch[], search: string): Branch[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  return tree.filter(({ org }) => {
    const said = `${org.name} ${org.code} ${org.ods_code ?? ""}`.toLowerCase();
    return words.every((word) => said.includes(word));
  });
}

/** The names from the outermost organisation down to this one. */
export function pathTo(orgs: readonly Org[], id: string): Org[] {
  const byId = new Map(orgs.map((org) => [org.id, org]));
  const path: Org[] = [];
  for (let org = byId.get(id); org && !path.includes(org); org = org.parent_id ? byId.get(org.parent_id) : undefined)
    path.unshift(org);
  return path;
}
