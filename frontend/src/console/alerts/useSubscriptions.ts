import { computed, type ComputedRef, type Ref, ref, shallowRef } from "vue";
import { type NewSubscription, type Subscription, type SubscriptionChoices, subscriptions } from "@/api/alerts";
import { type Load, useLoad } from "@/ui/useLoad";
import { useTurns } from "../useTurns";
import { taken } from "./subscriptionForm";

/** One's own subscriptions, and steps that can be taken back. */
export interface Desk {
  load: Load<Loaded>;
  mine: ComputedRef<readonly Subscription[]>;
  ended: ComputedRef<readonly Subscription[]>;
  suggested: ComputedRef<SubscriptionChoices["suggested"]>;
  said: Ref<string>;
  canUndo: ComputedRef<boolean>;
  take: (wanted: NewSubscription) => Promise<void>;
  snooze: (subscription: Subscription, days: number) => Promise<void>;
  wake: (subscription: Subscription) => Promise<void>;
  end: (subscription: Subscription) => Promise<void>;
  restore: (subscription: Subscription) => Promise<void>;
  undo: () => Promise<void>;
  /** Reads all again after something that no step here did; `words` say what it was. */
  done: (words: string) => Promise<void>;
}

interface Loaded {
  all: Subscription[];
  choices: SubscriptionChoices;
}

const A_DAY = 86_400_000;
const inDays = (days: number): string => new Date(Date.now() + days * A_DAY).toISOString();

/** Loads the subscriptions with what can be chosen. */
export function useSubscriptions(): Desk {
  const load = useLoad(
    () => 0,
    async (abort): Promise<Loaded> => {
      const [all, choices] = await Promise.all([subscriptions.all(abort), subscriptions.choices(abort)]);
      return { all, choices };
    },
  );
  const said = ref("");
  const back = shallowRef<(() => Promise<unknown>) | null>(null);
  const turn = useTurns((words) => (said.value = words));
  const mine = computed(() => load.data.value?.all.filter(({ ended_on }) => ended_on === null) ?? []);

  const step = (act: () => Promise<unknown>, words: string, undo: (() => Promise<unknown>) | null): Promise<void> =>
    turn(async () => {
      await act();
      [said.value, back.value] = [words, undo];
      await load.again();
    });

  return {
    load,
    mine,
    ended: computed(() => load.data.value?.all.filter(({ ended_on }) => ended_on !== null) ?? []),
    suggested: computed(() => load.data.value?.choices.suggested.filter(({ subscription }) => !taken(subscription, mine.value)) ?? []),
    said,
    canUndo: computed(() => back.value !== null),
    take: (wanted) => step(() => subscriptions.make(wanted), "Subscribed.", null),
    snooze: ({ id, snoozed_until }, days) =>
      step(() => subscriptions.snooze(id, inDays(days)), "Snoozed. Until it wakes, urgent alerts go to others.", () => subscriptions.snooze(id, snoozed_until)),
    wake: ({ id, snoozed_until }) => step(() => subscriptions.snooze(id, null), "Awake again.", () => subscriptions.snooze(id, snoozed_until)),
    end: ({ id }) => step(() => subscriptions.end(id), "Ended. Nothing more comes from it.", () => subscriptions.restore(id)),
    restore: ({ id }) => step(() => subscriptions.restore(id), "Taken up again.", () => subscriptions.end(id)),
    undo: async () => {
      if (back.value) await step(back.value, "Taken back.", null);
    },
    done: (words) => step(async () => undefined, words, null),
  };
}
