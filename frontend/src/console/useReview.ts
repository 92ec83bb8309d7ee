import { computed, type ComputedRef, type Ref, ref, shallowRef } from "vue";
import type { Query } from "@/api/client";
import { comments, corrections } from "@/api/endpoints";
import type { Correction, ReviewItem, ReviewKind, ReviewQueue, Sentiment } from "@/api/types";
import type { Load } from "@/ui/useLoad";
import { isOf, nextOpen, type Verdict } from "./triage";
import { useQueue } from "./useQueue";
import { useTurns } from "./useTurns";

/** A queue that a person goes through one by one. */
export interface Reviewing {
  queue: Load<ReviewQueue>;
  current: ComputedRef<ReviewItem | null>;
  place: ComputedRef<number>;
  total: ComputedRef<number>;
  done: Readonly<Ref<ReadonlySet<string>>>;
  said: Readonly<Ref<string>>;
  canUndo: ComputedRef<boolean>;
  /** Goes up with each correction that was made by a key, so that the list of corrections is read again. */
  changes: Readonly<Ref<number>>;
  step: (by: 1 | -1) => Promise<void>;
  decide: (verdict: Verdict) => Promise<void>;
  feel: (sentiment: Sentiment) => Promise<void>;
  corrected: (made: Correction | null) => Promise<void>;
  undo: () => Promise<void>;
  left: (kind: ReviewKind) => number;
}

/** What was answered so far, and the last correction that can be taken back. */
function useAnswers() {
  const done = shallowRef<ReadonlySet<string>>(new Set());
  const last = shallowRef<{ item: string; correction: string } | null>(null);
  return {
    done,
    last,
    mark: (id: string) => (done.value = new Set([...done.value, id])),
    unmark: (id: string) => (done.value = new Set([...done.value].filter((one) => one !== id))),
    remember: (item: string, made: Correction | null) =>
      (last.value = made?.may_be_undone ? { item, correction: made.id } : null),
    clear: () => {
      done.value = new Set();
      last.value = null;
    },
  };
}

/** Loads the queue and walks through it; what was decided stays in reach of "previous" until the queue begins anew. */
export function useReview(ask: () => Query): Reviewing {
  const { done, last, mark, unmark, remember, clear } = useAnswers();
  const { load: queue, items, at, reach, goTo, replace } = useQueue(ask, clear);
  const said = ref("");
  const changes = ref(0);
  const current = computed(() => items.value[at.value] ?? null);
  const total = computed(() => Math.max(queue.data.value?.total ?? 0, items.value.length));
  const turn = useTurns((words) => (said.value = words));

  /** Does something with the comment in view, when there is one. */
  const onComment = (act: (item: ReviewItem) => Promise<void>): Promise<void> =>
    turn(async () => {
      if (current.value?.comment) await act(current.value);
    });

  async function send(item: ReviewItem, verdict: Verdict): Promise<void> {
    if (verdict.correction) remember(item.id, await corrections.make(item.id, verdict.correction));
    else remember(item.id, await comments.lookedAt(item.id));
    mark(item.id);
    said.value = `${verdict.said} ${done.value.size} of ${total.value} done.`;
    replace(await comments.one(item.id, undefined));
    await reach(at.value + 1);
    const next = nextOpen(items.value, done.value, at.value);
    if (next >= 0) await goTo(next);
  }

  async function takeBack(): Promise<void> {
    if (!last.value) return;
    const { item, correction } = last.value;
    await corrections.undo(correction);
    remember(item, null);
    unmark(item);
    said.value = "Taken back.";
    replace(await comments.one(item, undefined));
    changes.value += 1;
    await goTo(items.value.findIndex(({ id }) => id === item));
  }

  return {
    queue,
    current,
    place: computed(() => at.value + 1),
    total,
    done,
    said,
    canUndo: computed(() => last.value !== null),
    changes,
    step: (by) =>
      turn(async () => {
        said.value = "";
        if (await reach(at.value + by)) await goTo(at.value + by);
        else said.value = by > 0 ? "This is the last one." : "This is the first one.";
      }),
    decide: (verdict) => onComment((item) => send(item, verdict)),
    feel: (sentiment) =>
      onComment(async ({ id }) => {
        remember(id, await corrections.make(id, { kind: "sentiment", sentiment }));
        replace(await comments.one(id, undefined));
        said.value = "Feeling changed.";
        changes.value += 1;
      }),
    corrected: (made) =>
      onComment(async ({ id }) => {
        remember(id, made);
        replace(await comments.one(id, undefined));
      }),
    undo: () => turn(takeBack),
    left: (kind) =>
      Math.max(0, (queue.data.value?.counts[kind] ?? 0) - items.value.filter((item) => done.value.has(item.id) && isOf(item, kind)).length),
  };
}
