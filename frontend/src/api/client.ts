/** One field that the server refused, named as in the request. */
export interface FieldError {
  field: string;
  message: string;
}

/** An answer that is not a success, in the words of its `application/problem+json` body. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly title: string,
    readonly detail: string,
    readonly errors: readonly FieldError[] = [],
  ) {
    super(detail || title);
    this.name = "Problem";
  }
}

/** What may stand in a query: several values of one name are repeated, empty ones are left out. */
export type Query = Record<string, string | number | boolean | readonly (string | number)[] | null | undefined>;

/** Browsers keep only small requests alive: 64 KiB, all together. */
const KEPT_ALIVE = 16_000;
const AWAY = "Earshot did not answer. Check your connection, then try again.";

let whenSignedOut: () => void = () => undefined;

/** Sets what happens when the server says that nobody is signed in any more. */
export function onSignedOut(act: () => void): void {
  whenSignedOut = act;
}

/** Writes a query string with its question mark, or nothing when there is nothing to ask for. */
export function queryString(query: Query = {}): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== null && one !== undefined && one !== "" && one !== false) parameters.append(name, String(one));
    }
  }
  const text = parameters.toString();
  return text && `?${text}`;
}

/** The address of something under `/api`, for links and pictures. */
export function apiUrl(path: string, query: Query = {}): string {
  return `/api${path}${queryString(query)}`;
}

/** Reads what went wrong from an answer, whatever shape its body has. */
async function problemOf(response: Response): Promise<Problem> {
  const body: unknown = await response.json().catch(() => null);
  const said = (typeof body === "object" && body !== null ? body : {}) as Partial<Problem>;
  return new Problem(
    response.status,
    said.title ?? "Something went wrong",
    said.detail ?? "Try again. If it happens again, tell the person who runs Earshot.",
    Array.isArray(said.errors) ? said.errors : [],
  );
}

/** How one request is sent; `body` is written as JSON unless it is a form. */
export interface Send {
  method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  query?: Query;
  body?: unknown;
  signal?: AbortSignal | undefined;
  /** The version that the change was made upon, where the server keeps people from overwriting what they have not seen. */
  ifMatch?: number | undefined;
}

function initOf({ method = "GET", body, signal, ifMatch }: Send): RequestInit {
  const headers: Record<string, string> = { accept: "application/json" };
  const init: RequestInit = { method, headers, credentials: "same-origin", signal: signal ?? null };
  if (ifMatch !== undefined) headers["if-match"] = `"${ifMatch}"`;
  if (body instanceof FormData) init.body = body;
  else if (body !== undefined) {
    headers["content-type"] = "application/json";
    init.body = JSON.stringify(body);
    // What was sent as somebody left the page still arrives.
    init.keepalive = init.body.length < KEPT_ALIVE;
  }
  return init;
}

/**
 * Asks the API and gives back its JSON, or null for an empty answer.
 *
 * Throws Problem for anything but a success, with status 0 when the server cannot be reached;
 * an aborted request throws the browser's AbortError.
 */
export async function request<T>(path: string, send: Send = {}): Promise<T> {
  const response = await fetch(apiUrl(path, send.query), initOf(send)).catch((error: unknown) => {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new Problem(0, "No connection", AWAY);
  });
  if (response.status === 401 && path !== "/session") whenSignedOut();
  if (!response.ok) {
    const problem = await problemOf(response);
    if (problem.title === "MfaNeeded") whenSignedOut();
    throw problem;
  }
  if (response.status === 204) return null as T;
  return (await response.json()) as T;
}
