import { type Query, request } from "./client";
import type {
  Agreement,
  Clusters,
  Comment,
  CommentPage,
  Correction,
  Drift,
  Frameworks,
  Import,
  ImportDetail,
  Learning,
  Link,
  Mapping,
  Me,
  Measure,
  MeasureUnit,
  NewCorrection,
  NewLink,
  NextCoding,
  Org,
  Overview,
  Preview,
  Report,
  ReviewQueue,
  Series,
  ThemeDetail,
  Themes,
  Work,
} from "./types";

type Signal = AbortSignal | undefined;

export const session = {
  read: () => request<Me>("/session"),
  start: (email: string, password: string) => request<Me>("/session", { method: "POST", body: { email, password } }),
  end: () => request<null>("/session", { method: "DELETE" }),
};

export const orgs = () => request<Org[]>("/orgs");

export const overview = (query: Query, signal: Signal) => request<Overview>("/overview", { query, signal });

export const comments = {
  page: (query: Query, signal: Signal) => request<CommentPage>("/comments", { query, signal }),
  one: (id: string, signal: Signal) => request<Comment>(`/comments/${encodeURIComponent(id)}`, { signal }),
  lookedAt: (id: string) => request<null>(`/comments/${encodeURIComponent(id)}/looked-at`, { method: "POST" }),
};

export const corrections = {
  of: (comment: string, signal: Signal) => request<Correction[]>(`/comments/${encodeURIComponent(comment)}/corrections`, { signal }),
  make: (comment: string, body: NewCorrection) =>
    request<Correction>(`/comments/${encodeURIComponent(comment)}/corrections`, { method: "POST", body }),
  undo: (id: string) => request<null>(`/corrections/${encodeURIComponent(id)}`, { method: "DELETE" }),
};

export const review = (query: Query, signal: Signal) => request<ReviewQueue>("/review", { query, signal });

export const learning = {
  read: (signal: Signal) => request<Learning>("/learning", { signal }),
  retrain: () => request<{ state: string }>("/learning/retrain", { method: "POST" }),
  activate: (id: string) => request<null>(`/learning/${encodeURIComponent(id)}/activate`, { method: "POST" }),
  rollBack: (id: string) => request<null>(`/learning/${encodeURIComponent(id)}/roll-back`, { method: "POST" }),
  readAgain: () => request<{ state: string }>("/learning/read-again", { method: "POST" }),
};

export const agreement = {
  read: (signal: Signal) => request<Agreement>("/agreement", { signal }),
  sample: (org: string | null, size: number) =>
    request<{ comments: number }>("/agreement/samples", { method: "POST", body: { org, size } }),
  next: (signal: Signal) => request<NextCoding>("/agreement/next", { signal }),
  code: (comment_id: string, chosen: readonly string[]) =>
    request<null>("/agreement/codings", { method: "POST", body: { comment_id, themes: chosen } }),
};

export const drift = (query: Query, signal: Signal) => request<Drift>("/drift", { query, signal });

export const themes = {
  all: (query: Query, signal: Signal) => request<Themes>("/themes", { query, signal }),
  one: (theme: string, query: Query, signal: Signal) =>
    request<ThemeDetail>("/themes/detail", { query: { ...query, theme }, signal }),
};

export const frameworks = () => request<Frameworks>("/frameworks");

export const clusters = {
  all: (query: Query, signal: Signal) => request<Clusters>("/clusters", { query, signal }),
  discover: (org: string) => request<{ state: string }>("/clusters/discover", { method: "POST", body: { org } }),
};

export const measures = {
  all: (signal: Signal) => request<Measure[]>("/measures", { signal }),
  series: (query: Query, signal: Signal) => request<Series>("/measures/series", { query, signal }),
  units: (query: Query, signal: Signal) => request<MeasureUnit[]>("/measures/units", { query, signal }),
};

function upload(file: File, fields: Record<string, string> = {}): FormData {
  const form = new FormData();
  form.append("file", file);
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  return form;
}

function imported<T>(file: File, mapping: Mapping, dryRun: boolean): Promise<T> {
  const fields = { mapping: JSON.stringify(mapping), dry_run: String(dryRun) };
  return request<T>("/imports", { method: "POST", body: upload(file, fields) });
}

export const imports = {
  all: (signal: Signal) => request<Import[]>("/imports", { signal }),
  one: (id: string, signal: Signal) => request<ImportDetail>(`/imports/${encodeURIComponent(id)}`, { signal }),
  preview: (file: File) => request<Preview>("/imports/preview", { method: "POST", body: upload(file) }),
  dryRun: (file: File, mapping: Mapping) => imported<Report>(file, mapping, true),
  start: (file: File, mapping: Mapping) => imported<{ id: string }>(file, mapping, false),
  undo: (id: string) => request<null>(`/imports/${encodeURIComponent(id)}`, { method: "DELETE" }),
};

export const links = {
  all: (query: Query, signal: Signal) => request<Link[]>("/links", { query, signal }),
  create: (link: NewLink) => request<Link>("/links", { method: "POST", body: link }),
  change: (id: string, change: { label?: string; expires_on?: string | null }) =>
    request<Link>(`/links/${encodeURIComponent(id)}`, { method: "PATCH", body: change }),
};

export const work = {
  read: (signal: Signal) => request<Work>("/work", { signal }),
  retry: (id: number) => request<null>(`/work/${id}/retry`, { method: "POST" }),
  retryAll: () => request<null>("/work/retry-all", { method: "POST" }),
};
