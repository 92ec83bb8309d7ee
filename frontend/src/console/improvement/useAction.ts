import { type Ref, ref } from "vue";
import { type ActionDetail, type ActionState, actions, type Effect, type ImprovementAction } from "@/api/improvement";
import { today } from "../filters";
import { type Load, useLoad } from "@/ui/useLoad";
import { useTurns } from "../useTurns";
import { asGiven } from "./actionForm";

/** One action, its chart, and what may be done with it. */
export interface OneAction {
  load: Load<ActionDetail>;
  effect: Load<Effect>;
  said: Readonly<Ref<string>>;
  /** Does one step after another; afterwards everything is read again, also when somebody else was faster. */
  step: (words: string, work: (action: ImprovementAction) => Promise<unknown>) => Promise<void>;
  move: (state: ActionState) => Promise<void>;
  undo: () => Promise<void>;
  again: (words: string) => Promise<void>;
}

const MOVED: Readonly<Record<ActionState, string>> = {
  planned: "Saved.",
  under_way: "Noted: the change has begun.",
  finished: "Finished. You can take that back.",
  stopped: "Stopped. You can take that back.",
};

/** Loads an action and its chart. */
export function useAction(id: () => string): OneAction {
  const load = useLoad(id, (abort) => actions.one(id(), abort));
  const effect = useLoad(id, (abort) => actions.effect(id(), abort));
  const said = ref("");
  const turn = useTurns((words) => (said.value = words));
  /** Reads the action again; its chart follows by itself, so that nobody waits for it before the next step. */
  const both = (): Promise<void> => {
    void effect.again();
    return load.again();
  };

  const step: OneAction["step"] = (words, work) =>
    turn(async () => {
      const action = load.data.value?.action;
      if (!action) return;
      try {
        await work(action);
        said.value = words;
      } finally {
        await both();
      }
    });

  return {
    load,
    effect,
    said,
    step,
    move: (state) =>
      step(MOVED[state], (action) => {
        const started_on = state === "under_way" ? (action.started_on ?? today()) : action.started_on;
        return actions.change(action.id, action.version, { ...asGiven(action), state, started_on });
      }),
    undo: () => step("Taken back.", (action) => actions.undo(action.id, action.version)),
    again: async (words) => {
      said.value = words;
      await both();
    },
  };
}
