import type { Acted, ActionState, Effect, ImprovementAction, Verdict, Wanted } from "@/api/improvement";

/** What people read of improvement. */
export const STATE_WORDS: Readonly<Record<ActionState, string>> = {
  planned: "Planned",
  under_way: "Under way",
  finished: "Finished",
  stopped: "Stopped",
};
export const VERDICT_WORDS: Readonly<Record<Verdict, string>> = { improved: "It helped", worse: "It got worse", unproven: "Not proven" };
/** A letter beside the colour, so that no colour stands alone. */
export const VERDICT_MARKS: Readonly<Record<Verdict, string>> = { improved: "✓", worse: "!", unproven: "?" };
export const WANTED_WORDS: Readonly<Record<Wanted, string>> = { lower: "go down", higher: "go up" };
export const ACTED_WORDS: Readonly<Record<Acted, string>> = {
  adopt: "Keep it",
  adapt: "Change it and try again",
  abandon: "Give it up",
};

/** In short whether an action helped: its verdict, or why there is none. */
export function verdictWords(action: Pick<ImprovementAction, "verdict" | "measure_id" | "state">): string {
  if (action.verdict) return VERDICT_WORDS[action.verdict];
  if (action.state === "stopped") return "Not measured: it was stopped";
  return action.measure_id ? "Not begun" : "Not measured";
}

/** What a step of a look is called in the list of looks. */
export function lookWords(look: Effect["looks"][number]): string {
  if (look.sentence) return look.sentence;
  return `After ${look.weeks} weeks: still to come. Earshot looks by itself.`;
}

/** The state that a button leads to, in the words of the button. */
export const NEXT_WORDS: Readonly<Record<ActionState, string>> = {
  planned: "Plan it",
  under_way: "The change has begun",
  finished: "Finish it",
  stopped: "Stop it",
};

/** The states that may follow a state, in the order of their buttons. */
export function nextStates(state: ActionState): ActionState[] {
  if (state === "planned") return ["under_way", "stopped"];
  return state === "under_way" ? ["finished", "stopped"] : [];
}
