import { computed, type ComputedRef, nextTick, type Ref, ref, shallowRef, watch } from "vue";
import type { Query } from "@/api/client";
import { comments, corrections, review } from "@/api/endpoints";
import type { Correction, ReviewItem, ReviewKind, ReviewQueue } from "@/api/types";
import { asProblem, type Load, useLoad } from "@/ui/useLoad";
import { nextOpen, type Verdict } from "./triage";

/** A queue that a person goes through one by one. */
export interface Reviewing {
  queue: Load<ReviewQueue>;
  current: ComputedRef<ReviewItem | null>;
  place: ComputedRef<number>;
  total: ComputedRef<number>;
  done: Readonly<Ref<ReadonlySet<string>>>;
  said: Readonly<Ref<string>>;
  canUndo: ComputedRef<boolean>;
  step: (by: 1 | -1) => Promise<void>;
  decide: (verdict: Verdict) => Promise<void>;
  corrected: (made: Correction | null) => Promise<void>;
  undo: () => Promise<void>;
  left: (kind: ReviewKind) => number;
}

const REASONS: Readonly<Record<ReviewKind, readonly string[]>> = {
  person: ["language", "unreadable", "redaction", "empty"],
  safety: ["safety"],
  unsure: ["unsure"],
  sample: ["sample"],
};

/** Loads the queue and walks through it; what was decided stays in reach of "previous" until the page is left. */
export function useReview(ask: () => Query): Reviewing {
  const queue = useLoad(ask, (signal) => review(ask(), signal));
  const items = shallowRef<ReviewItem[]>([]);
  const cursor = ref<string | null>(null);
  const at = ref(0);
  const done = shallowRef<ReadonlySet<string>>(new Set());
  const said = ref("");
  const last = shallowRef<{ item: string; correction: string } | null>(null);
  const sending = ref(false);
  const current = computed(() => items.value[at.value] ?? null);

  watch(queue.data, (page) => {
    items.value = page?.items ?? [];
    cursor.value = page?.next ?? null;
    at.value = 0;
    done.value = new Set();
    last.value = null;
  });

  /** Runs something that may fail, one thing at a time; says what went wrong. */
  async function attempt(act: () => Promise<void>): Promise<void> {
    if (sending.value) return;
    sending.value = true;
    try {
      await act();
    } catch (error) {
      said.value = asProblem(error).message;
    } finally {
      sending.value = false;
    }
  }

  async function more(): Promise<void> {
    if (!cursor.value) return;
    const page = await review({ ...ask(), after: cursor.value }, undefined);
    items.value = [...items.value, ...page.items];
    cursor.value = page.next;
  }

  async function goTo(place: number): Promise<void> {
    at.value = place;
    await nextTick();
    document.getElementById("review-item")?.focus();
  }

  const mark = (id: string, isDone: boolean): void => {
    const now = new Set(done.value);
    if (isDone) now.add(id);
    else now.delete(id);
    done.value = now;
  };

  async function reread(id: string): Promise<void> {
    const comment = await comments.one(id, undefined);
    items.value = items.value.map((item) => (item.id === id ? { ...item, comment } : item));
  }

  async function send(item: ReviewItem, verdict: Verdict): Promise<void> {
    const made = verdict.correction ? await corrections.make(item.id, verdict.correction) : null;
    if (!verdict.correction) await comments.lookedAt(item.id);
    last.value = made && { item: item.id, correction: made.id };
    mark(item.id, true);
    said.value = `${verdict.said} ${done.value.size} of ${queue.data.value?.total ?? 0} done.`;
    if (at.value >= items.value.length - 1) await more();
    const next = nextOpen(items.value, done.value, at.value);
    if (next >= 0) await goTo(next);
  }

  async function takeBack(): Promise<void> {
    if (!last.value) return;
    const { item, correction } = last.value;
    await corrections.undo(correction);
    last.value = null;
    mark(item, false);
    said.value = "Taken back.";
    await reread(item);
    await goTo(items.value.findIndex(({ id }) => id === item));
  }

  return {
    queue,
    current,
    place: computed(() => at.value + 1),
    total: computed(() => Math.max(queue.data.value?.total ?? 0, items.value.length)),
    done,
    said,
    canUndo: computed(() => last.value !== null),
    step: (by) =>
      attempt(async () => {
        if (at.value + by >= items.value.length) await more();
        if (items.value[at.value + by]) await goTo(at.value + by);
        else said.value = by > 0 ? "This is the last one." : "This is the first one.";
      }),
    decide: async (verdict) => {
      const item = current.value;
      if (item) await attempt(() => send(item, verdict));
    },
    corrected: (made) =>
      attempt(async () => {
        const item = current.value;
        if (!item) return;
        last.value = made?.may_be_undone ? { item: item.id, correction: made.id } : null;
        await reread(item.id);
      }),
    undo: () => attempt(takeBack),
    left: (kind) => {
      const seen = items.value.filter(({ id, reasons }) => done.value.has(id) && reasons.some((one) => REASONS[kind].includes(one)));
      return Math.max(0, (queue.data.value?.counts[kind] ?? 0) - seen.length);
    },
  };
}
