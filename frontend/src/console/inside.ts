/** An address inside the console, or the first page: never a way to another site. */
export function inside(next: unknown): string {
  return typeof next === "string" && /^\/(?![/\\])/.test(next) && !next.startsWith("/sign-in") ? next : "/";
}
