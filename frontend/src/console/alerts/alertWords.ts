import type { Alert, AlertCount } from "@/api/alerts";
import { count, counted, shortMoment } from "@/ui/format";

const MINUTE = 60_000;

/** A stretch of time as people say it, never more than it is: "25 minutes", "3 hours", "2 days". */
export function longWords(milliseconds: number): string {
  const minutes = Math.max(1, Math.floor(milliseconds / MINUTE));
  if (minutes < 60) return counted(minutes, "minute");
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? counted(hours, "hour") : counted(Math.floor(hours / 24), "day");
}

/** Whether somebody still has to say that they have seen what an urgent alert is about. */
export const runs = ({ urgent, open }: Alert): boolean => urgent && open;

/** What the clock of an urgent alert says now; null where none runs. */
export function clockWords(alert: Alert, now: Date): string | null {
  if (!alert.due_at || !runs(alert)) return null;
  const left = new Date(alert.due_at).getTime() - now.getTime();
  return left > 0
    ? `Acknowledge it within ${longWords(left)}, by ${shortMoment(alert.due_at)}`
    : `Overdue for ${longWords(-left)}: it should have been acknowledged by ${shortMoment(alert.due_at)}`;
}

/** Running clocks first, the one that ends soonest at the top; the others stay in the server's order. */
export function pressingFirst(alerts: readonly Alert[]): Alert[] {
  const ends = (alert: Alert): string => (runs(alert) ? (alert.due_at ?? "~") : "~~");
  return [...alerts].sort((a, b) => (ends(a) < ends(b) ? -1 : Number(ends(a) > ends(b))));
}

/** The bell's name for those who hear it. */
export function bellWords({ unseen, urgent }: AlertCount): string {
  if (!unseen) return "Alerts: none new";
  return `Alerts: ${count(unseen)} new${urgent ? `, ${count(urgent)} urgent` : ""}`;
}

/** What is said aloud when the count changes; nothing where nothing came. */
export function newsWords(before: AlertCount, now: AlertCount): string {
  if (now.urgent > before.urgent) return `${counted(now.urgent, "urgent alert")} to look at now.`;
  const more = now.unseen - before.unseen;
  return more > 0 ? `${counted(more, "new alert")}.` : "";
}
