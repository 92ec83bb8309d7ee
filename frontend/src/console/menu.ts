import type { Action } from "@/api/types";

/** One entry of the main menu. */
export interface MenuEntry {
  readonly to: string;
  readonly name: string;
  /** Any one of these opens the page; none stands for everybody. */
  readonly needs: readonly Action[];
  /** Whoever may do this finds the page elsewhere. */
  readonly unless?: Action;
  /** The addresses at which the entry is the current one. */
  readonly own: RegExp;
}

/** What somebody's menu shows: entries in the row, and entries under "Manage". */
export interface Menu {
  readonly row: readonly MenuEntry[];
  readonly manage: readonly MenuEntry[];
}

const DAILY: readonly MenuEntry[] = [
  { to: "/", name: "Overview", needs: [], own: /^\/$/ },
  { to: "/signals", name: "Signals", needs: ["signals"], own: /^\/signals/ },
  { to: "/cases", name: "Cases", needs: ["cases"], own: /^\/(cases|keys)/ },
  { to: "/comments", name: "Comments", needs: ["comments"], own: /^\/comments/ },
  { to: "/review", name: "Review", needs: ["review"], own: /^\/review/ },
  { to: "/themes", name: "Themes", needs: ["themes"], own: /^\/themes/ },
  { to: "/measures", name: "Measures", needs: ["measures"], own: /^\/measures/ },
  { to: "/quality", name: "Quality", needs: ["quality"], own: /^\/quality/ },
  { to: "/actions", name: "Actions", needs: ["improvements"], own: /^\/(actions|library|praise|assurance)/ },
  { to: "/returns", name: "Returns", needs: ["returns"], own: /^\/returns/ },
];
const KEEPING: readonly MenuEntry[] = [
  { to: "/learning", name: "Learning", needs: ["review", "learn"], own: /^\/learning/ },
  { to: "/import", name: "Import", needs: ["import"], own: /^\/import/ },
  { to: "/publish", name: "Publish", needs: ["improve", "publish"], own: /^\/publish/ },
  { to: "/reports", name: "Reports", needs: ["reports"], own: /^\/reports/ },
  { to: "/feeds", name: "Feeds", needs: ["feeds"], own: /^\/feeds/ },
  { to: "/forms", name: "Forms", needs: ["forms"], own: /^\/forms/ },
  { to: "/work", name: "Work", needs: ["work"], own: /^\/work/ },
  { to: "/watching", name: "Watching", needs: ["watching"], own: /^\/watching/ },
  { to: "/post", name: "Post", needs: ["post"], own: /^\/post/ },
  { to: "/people", name: "People", needs: ["people"], own: /^\/people/ },
  { to: "/audit", name: "Audit", needs: ["audit"], own: /^\/audit/ },
  { to: "/retention", name: "Retention", needs: ["retention", "cases"], own: /^\/retention/ },
  // Who handles cases finds their keys beside them.
  { to: "/keys", name: "Keys", needs: ["keys"], unless: "cases", own: /^\/keys/ },
];
/** So many entries of keeping house are no more than a glance: hiding them would only cost a step. */
const FEW = 3;
/** So many entries fit in one line of a page 1,280 pixels wide, beside the bell and a first name. */
const FIT = 10;

/** Sorts what somebody may open: the daily rooms in the row, and those of keeping house under "Manage" where they are many. */
export function menuFor(may: (action: Action) => boolean): Menu {
  const open = ({ needs, unless }: MenuEntry): boolean => (!needs.length || needs.some(may)) && !(unless && may(unless));
  const [daily, keeping] = [DAILY.filter(open), KEEPING.filter(open)];
  const all = [...daily, ...keeping];
  return keeping.length <= FEW && all.length <= FIT ? { row: all, manage: [] } : { row: daily, manage: keeping };
}
