import { computed, type ComputedRef, nextTick, type Ref, ref, shallowRef, watch } from "vue";
import { type Alert, type AlertList, alerts } from "@/api/alerts";
import { signals } from "@/api/signalEndpoints";
import { type Load, useLoad } from "@/ui/useLoad";
import { usePoll } from "@/ui/usePoll";
import { ACTION_WORDS } from "../signalWords";
import { useTurns } from "../useTurns";
import { pressingFirst } from "./alertWords";
import { lookAgain, waiting } from "./bell";

/** One's own alerts and what can be done with them. */
export interface Told {
  load: Load<AlertList>;
  items: Readonly<Ref<readonly Alert[]>>;
  /** Moves on while the page is open, so that clocks run. */
  now: Readonly<Ref<Date>>;
  said: Readonly<Ref<string>>;
  at: Readonly<Ref<number>>;
  current: ComputedRef<Alert | null>;
  /** Makes an alert the one that keys are about. */
  point: (place: number) => void;
  step: (by: 1 | -1) => Promise<void>;
  seen: (alert: Alert) => Promise<void>;
  allSeen: () => Promise<void>;
  acknowledge: (alert: Alert) => Promise<void>;
}

const CLOCK = 30; // seconds

/** The element that takes the focus when an alert is gone to. */
export const alertLinkId = ({ id }: Alert): string => `alert-${id}`;

/** Loads the newest alerts, all or only what was not seen; reads them again when the bell's count changes. */
export function useAlerts(unseenOnly: () => boolean): Told {
  const load = useLoad(unseenOnly, (abort) => alerts.list({ seen: unseenOnly() ? "false" : null, limit: 100 }, abort));
  const items = shallowRef<readonly Alert[]>([]);
  const [said, now] = [ref(""), ref(new Date())];
  const at = ref(0);
  const turn = useTurns((words) => (said.value = words));

  watch(load.data, (list) => {
    items.value = pressingFirst(list?.items ?? []);
    at.value = 0;
  });
  watch(waiting, (bell, before) => bell.unseen > before.unseen && void load.again());
  usePoll(() => true, CLOCK, async () => void (now.value = new Date()));

  /** Changes an alert where it stands: the list keeps its order until it is read again. */
  const replace = (id: string, some: Partial<Alert>): void => {
    items.value = items.value.map((one) => (one.id === id ? { ...one, ...some } : one));
  };

  async function note(alert: Alert): Promise<void> {
    const { seen_at } = await alerts.seen(alert.id);
    replace(alert.id, { seen_at });
    await lookAgain();
  }

  return {
    load,
    items,
    now,
    said,
    at,
    current: computed(() => items.value[at.value] ?? null),
    point: (place) => (at.value = place),
    step: async (by) => {
      const next = items.value[at.value + by];
      if (!next) return void (said.value = by > 0 ? "This is the last one." : "This is the first one.");
      [at.value, said.value] = [at.value + by, ""];
      await nextTick();
      document.getElementById(alertLinkId(next))?.focus();
    },
    seen: (alert) =>
      turn(async () => {
        await note(alert);
        said.value = `Marked as seen: ${alert.org_name}.`;
      }),
    allSeen: () =>
      turn(async () => {
        await alerts.allSeen();
        await Promise.all([load.again(), lookAgain()]);
        said.value = "All alerts are marked as seen.";
      }),
    acknowledge: (alert) =>
      turn(async () => {
        const { signal } = await signals.one(alert.signal_id, undefined);
        const changed = await signals.change(signal.id, { action: "acknowledge", revision: signal.revision });
        replace(alert.id, { state: changed.state, open: false });
        if (!alert.seen_at) await note(alert);
        said.value = `${ACTION_WORDS.acknowledge.said} ${alert.org_name}.`;
      }),
  };
}
