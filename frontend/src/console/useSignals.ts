import { computed, type ComputedRef, nextTick, type Ref, ref, shallowRef, watch } from "vue";
import { Problem, type Query } from "@/api/client";
import { signals } from "@/api/signalEndpoints";
import type { Signal, SignalAction, SignalChange, SignalList } from "@/api/types";
import { counted } from "@/ui/format";
import { type Load, useLoad } from "@/ui/useLoad";
import { ACTION_WORDS } from "./signalWords";
import { useTurns } from "./useTurns";

/** What an action may need beside itself. */
export type Given = Pick<SignalChange, "reason" | "note">;

/** A list of signals that a person goes through; what was changed stays in its place until the list is read again. */
export interface Triage {
  load: Load<SignalList>;
  items: ComputedRef<readonly Signal[]>;
  at: Readonly<Ref<number>>;
  current: ComputedRef<Signal | null>;
  said: Readonly<Ref<string>>;
  canUndo: ComputedRef<boolean>;
  /** Makes a signal the one that keys are about; its own links already have the focus. */
  point: (place: number) => void;
  step: (by: 1 | -1) => Promise<void>;
  act: (signal: Signal, action: SignalAction, given?: Given) => Promise<void>;
  actOnAll: (chosen: readonly Signal[], action: SignalAction) => Promise<void>;
  undo: () => Promise<void>;
}

/** The element that takes the focus when a signal is gone to. */
export const linkId = (signal: Signal): string => `signal-${signal.id}`;

/** Loads the signals that `ask` describes and acts on them, one thing at a time. */
export function useSignals(ask: () => Query): Triage {
  const load = useLoad(ask, (abort) => signals.list(ask(), abort));
  const items = shallowRef<readonly Signal[]>([]);
  const at = ref(0);
  const said = ref("");
  const last = shallowRef<Signal | null>(null);
  const turn = useTurns((words) => (said.value = words));

  watch(load.data, (list) => {
    items.value = list?.items ?? [];
    at.value = 0;
    last.value = null;
  });

  const replace = (changed: Signal): void => {
    items.value = items.value.map((one) => (one.id === changed.id ? changed : one));
  };

  /** Sends a change; when somebody else was faster, shows what they made of the signal. */
  async function send({ id, revision }: Signal, action: SignalAction, given: Given = {}): Promise<Signal> {
    try {
      const changed = await signals.change(id, { action, revision, ...given });
      replace(changed);
      return changed;
    } catch (error) {
      if (error instanceof Problem && error.status === 412) replace((await signals.one(id, undefined)).signal);
      throw error;
    }
  }

  async function goTo(place: number): Promise<void> {
    at.value = place;
    await nextTick();
    const signal = items.value[place];
    if (signal) document.getElementById(linkId(signal))?.focus();
  }

  async function each(chosen: readonly Signal[], action: SignalAction): Promise<void> {
    const refused = new Set<string>();
    for (const signal of chosen)
      await send(signal, action).catch((error: unknown) => {
        if (!(error instanceof Problem) || ![409, 412].includes(error.status)) throw error;
        refused.add(signal.id);
      });
    const done = chosen.length - refused.size;
    const left = refused.size ? ` ${counted(refused.size, "signal")} stayed as before: look at them one by one.` : "";
    said.value = `${counted(done, "signal")}: ${ACTION_WORDS[action].said.toLowerCase()}${left}`;
    last.value = null;
  }

  return {
    load,
    items: computed(() => items.value),
    at,
    current: computed(() => items.value[at.value] ?? null),
    said,
    canUndo: computed(() => last.value !== null),
    point: (place) => (at.value = place),
    step: async (by) => {
      said.value = "";
      if (items.value[at.value + by]) await goTo(at.value + by);
      else said.value = by > 0 ? "This is the last one." : "This is the first one.";
    },
    act: (signal, action, given) =>
      turn(async () => {
        last.value = await send(signal, action, given);
        said.value = `${ACTION_WORDS[action].said} ${signal.org_name}.`;
      }),
    actOnAll: (chosen, action) => turn(() => each(chosen, action)),
    undo: () =>
      turn(async () => {
        if (!last.value) return;
        const taken = await send(last.value, "undo");
        last.value = null;
        said.value = ACTION_WORDS.undo.said;
        await goTo(items.value.findIndex(({ id }) => id === taken.id));
      }),
  };
}
