import { computed, type ComputedRef, nextTick, onScopeDispose, type Ref, ref, shallowRef, watch } from "vue";
import { cases as calls } from "@/api/caseEndpoints";
import type { CaseChange, CaseItem, CaseQueue } from "@/api/cases";
import type { Query } from "@/api/client";
import { counted } from "@/ui/format";
import { asProblem, type Load, useLoad } from "@/ui/useLoad";
import { today } from "../filters";
import { Held } from "./held";
import { alike, inRows } from "./likeness";
import type { Reading } from "./reading";
import { useReadings } from "./useReadings";

/** The queue of cases, opened here, and what is done with it by keyboard. */
export interface Desk {
  load: Load<CaseQueue>;
  items: ComputedRef<readonly CaseItem[]>;
  /** Cases in the order of the queue; those that may tell of the same event stand together. */
  rows: ComputedRef<readonly CaseItem[][]>;
  readings: Readonly<Ref<ReadonlyMap<string, Reading>>>;
  opening: Readonly<Ref<boolean>>;
  current: ComputedRef<CaseItem | null>;
  said: Readonly<Ref<string>>;
  say: (words: string) => void;
  canUndo: Readonly<Ref<boolean>>;
  point: (id: string) => void;
  step: (by: 1 | -1) => Promise<void>;
  thank: (chosen: readonly CaseItem[]) => void;
  change: (item: CaseItem, body: CaseChange, words: string) => void;
  own: (chosen: readonly CaseItem[], me: Me) => Promise<void>;
  undo: () => void;
  flush: () => Promise<void>;
}

/** Who takes cases on. */
export interface Me {
  id: string;
  name: string;
}

/** What a step that is not sent yet makes of some cases, laid over what the server said of them. */
type Layer = ReadonlyMap<string, Partial<CaseItem>>;

/** The element that takes the focus when a case is gone to. */
export const caseLinkId = (id: string): string => `case-${id}`;

/** Loads the cases that `ask` describes, and opens those that my keys open. */
export function useCases(ask: () => Query): Desk {
  const load = useLoad(ask, (abort) => calls.list(ask(), abort));
  const known = shallowRef<readonly CaseItem[]>([]);
  const layers = shallowRef<readonly Layer[]>([]);
  const at = ref<string | null>(null);
  const said = ref("");
  const canUndo = ref(false);
  const { readings, opening } = useReadings(known);
  const held = new Held((waiting) => {
    canUndo.value = waiting !== null;
    if (waiting) said.value = waiting.words;
  });
  const items = computed(() => known.value.map((item) => layers.value.reduce((now, layer) => ({ ...now, ...layer.get(item.id) }), item)));
  const likeness = computed(() => alike(known.value.map(({ id }) => ({ id, embedding: readings.value.get(id)?.embedding ?? null }))));
  const rows = computed(() => inRows(items.value, likeness.value));
  const inOrder = computed(() => rows.value.flat());

  const replace = (...changed: readonly CaseItem[]): void => {
    const by = new Map(changed.map((item) => [item.id, item]));
    known.value = known.value.map((item) => by.get(item.id) ?? item);
  };

  watch(load.data, (queue) => {
    known.value = queue?.items ?? [];
    if (!known.value.some(({ id }) => id === at.value)) at.value = known.value[0]?.id ?? null;
  });
  // Leaving this page, or the whole console, must not lose what still waits for its ten seconds.
  const leaving = (): void => void held.flush();
  addEventListener("pagehide", leaving);
  onScopeDispose(() => {
    removeEventListener("pagehide", leaving);
    leaving();
  });

  /** Sends a change upon the newest version; when somebody else was faster, shows what they made of the case. */
  async function send(id: string, act: (item: CaseItem) => Promise<CaseItem>): Promise<void> {
    const item = known.value.find((one) => one.id === id);
    if (!item) return;
    try {
      replace(await act(item));
    } catch (error) {
      const problem = asProblem(error);
      said.value = problem.status === 412 ? `Somebody else changed ${item.reference}. Look at it and decide again.` : problem.message;
      if ([409, 412].includes(problem.status)) await load.again();
    }
  }

  /** Shows a step at once and sends it in ten seconds, unless it is taken back. */
  function later(layer: Layer, words: string, act: () => Promise<void>): void {
    const drop = (): void => void (layers.value = layers.value.filter((one) => one !== layer));
    layers.value = [...layers.value, layer];
    held.hold({ words, send: () => act().finally(drop), back: drop });
  }

  async function sendThanks(ids: readonly string[]): Promise<void> {
    try {
      replace(...(await calls.thank(ids)).items);
    } catch (error) {
      said.value = asProblem(error).message;
    }
  }

  return {
    load,
    items,
    rows,
    readings,
    opening,
    current: computed(() => items.value.find(({ id }) => id === at.value) ?? null),
    said,
    say: (words) => (said.value = words),
    canUndo,
    point: (id) => (at.value = id),
    step: async (by) => {
      const next = inOrder.value[inOrder.value.findIndex(({ id }) => id === at.value) + by];
      if (!next) return void (said.value = by > 0 ? "This is the last one." : "This is the first one.");
      at.value = next.id;
      await nextTick();
      document.getElementById(caseLinkId(next.id))?.focus();
    },
    thank: (chosen) => {
      const ids = chosen.filter(({ thanked_on, state }) => thanked_on === null && state !== "closed").map(({ id }) => id);
      if (!ids.length) return void (said.value = "Thanked already.");
      const layer = new Map(ids.map((id) => [id, { thanked_on: today(), thanks_overdue: false }]));
      later(layer, `Thanked ${named(chosen, ids)}.`, () => sendThanks(ids));
    },
    change: (item, body, words) =>
      later(new Map([[item.id, body]]), words, () => send(item.id, (now) => calls.change(now, body))),
    own: (chosen, me) => {
      const ids = chosen.filter(({ owner, state }) => owner?.id !== me.id && state !== "closed").map(({ id }) => id);
      return held.flush(async () => {
        said.value = ids.length ? `${named(chosen, ids)}: yours now.` : "Yours already.";
        for (const id of ids) await send(id, (item) => calls.own(item, { account_id: me.id, deputy_id: otherDeputy(item, me) }));
      });
    },
    undo: () => {
      if (held.undo()) said.value = "Taken back. Nothing was sent.";
    },
    flush: () => held.flush(),
  };
}

const named = (chosen: readonly CaseItem[], ids: readonly string[]): string =>
  ids.length === 1 ? (chosen.find(({ id }) => id === ids[0])?.reference ?? "") : counted(ids.length, "case");

/** The deputy stays, unless they are who takes the case on. */
const otherDeputy = ({ deputy }: CaseItem, me: Me): string | null => (deputy && deputy.id !== me.id ? deputy.id : null);
