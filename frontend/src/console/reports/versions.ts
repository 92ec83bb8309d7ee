import type { FileKind, QualityReport } from "@/api/reports";

/** The reports of one place, period and streams: the newest first. */
export interface Versions {
  key: string;
  newest: QualityReport;
  earlier: QualityReport[];
}

export const OPEN: readonly QualityReport["state"][] = ["waiting", "making"];

/** Whether a report is still being made. */
export const isOpen = ({ state }: QualityReport): boolean => OPEN.includes(state);

export const FILE_WORDS: Readonly<Record<FileKind, { name: string; about: string }>> = {
  pdf: { name: "PDF", about: "to read and to print" },
  pptx: { name: "Slides", about: "PowerPoint" },
  xlsx: { name: "Numbers", about: "Excel" },
};

/** Puts versions of the same report together; what is still being made, or was not made, is left out. */
export function versions(reports: readonly QualityReport[]): Versions[] {
  const groups = new Map<string, QualityReport[]>();
  for (const report of reports) {
    if (report.state !== "ready") continue;
    const key = [report.org_id, report.since, report.until, report.streams.toSorted().join("+")].join("/");
    groups.set(key, [...(groups.get(key) ?? []), report]);
  }
  return [...groups].flatMap(([key, group]) => {
    const [newest, ...earlier] = group.toSorted((a, b) => (b.version ?? 0) - (a.version ?? 0));
    return newest ? [{ key, newest, earlier }] : [];
  });
}

/** What is being made or came to nothing, in words; of those that ended only the latest is worth a word. */
export function ended(report: QualityReport): string {
  if (report.state === "failed") return "The report could not be made. Try again; if it fails again, tell the person who runs Earshot.";
  return "Nothing has changed since the version before: it is still right.";
}

/** A size for people: "84 KB". */
export function sizeWords(bytes: number): string {
  return bytes < 1_000_000 ? `${Math.max(1, Math.round(bytes / 1000))} KB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}
