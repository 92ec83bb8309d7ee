import { request } from "./client";
import type { Day, Stream } from "./types";

export type FileKind = "pdf" | "pptx" | "xlsx";

/** A frozen file of a report: the same bytes for ever. */
export interface ReportFile {
  kind: FileKind;
  path: string;
  /** In bytes. */
  size: number;
  /** In hexadecimal. */
  sha256: string;
}

/** A quality report and how far it is; versions are those of the same place, days and streams. */
export interface QualityReport {
  id: string;
  org_id: string;
  org_name: string;
  since: Day;
  until: Day;
  streams: Stream[];
  version: number | null;
  state: "waiting" | "making" | "ready" | "unchanged" | "failed";
  done: number;
  steps: number;
  /** The version that it would have been the same as. */
  same_as: string | null;
  /** Earshot made it by itself, because data came after the version before. */
  late: boolean;
  newest: boolean;
  asked_by: string;
  asked_on: Day;
  made_on: Day | null;
  files: ReportFile[];
}

export interface ReportAsk {
  org: string;
  since: Day;
  until: Day;
}

export const reports = {
  all: (signal: AbortSignal) => request<QualityReport[]>("/reports", { signal }),
  make: (body: ReportAsk) => request<QualityReport>("/reports", { method: "POST", body }),
};
