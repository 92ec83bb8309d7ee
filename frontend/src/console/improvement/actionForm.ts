import type { ActionGiven, ImprovementAction, Wanted } from "@/api/improvement";
import type { FieldError } from "@/api/client";
import type { Day, Direction, Measure } from "@/api/types";

/** What the form of an action holds; texts are as typed. */
export interface ActionForm {
  title: string;
  heard: string;
  did: string;
  owner: string;
  due: string;
  started: string;
  theme: string;
  measure: string;
  wanted: Wanted | "";
  risk: string;
  riskAddress: string;
}

/** What a signal or a library entry brings into an empty form. */
export interface Brought {
  title?: string;
  heard?: string;
  did?: string;
  theme?: string;
  measure?: string | null;
  direction?: Direction;
}

/** The element of each field that the server may refuse. */
export const FIELD_IDS: Readonly<Record<string, string>> = {
  org_id: "action-org",
  title: "action-title",
  what_we_heard: "action-heard",
  what_we_did: "action-did",
  owner_id: "action-owner",
  due_on: "action-due",
  started_on: "action-started",
  themes: "action-theme",
  measure_id: "action-measure",
  wanted: "action-wanted",
  risk_reference: "action-risk",
  risk_address: "action-risk-address",
};

/** Which way a measure should move when it gets better; empty where neither way is better. */
export function betterWay(direction: Direction | undefined): Wanted | "" {
  if (direction === "increase") return "higher";
  return direction === "decrease" ? "lower" : "";
}

/** A form to begin with. */
export function emptyForm(brought: Brought = {}): ActionForm {
  return {
    title: brought.title ?? "",
    heard: brought.heard ?? "",
    did: brought.did ?? "",
    owner: "",
    due: "",
    started: "",
    theme: brought.theme ?? "",
    measure: brought.measure ?? "",
    wanted: brought.measure ? betterWay(brought.direction) || "lower" : "",
    risk: "",
    riskAddress: "",
  };
}

/** The form of an action that is there. */
export function formOf(action: ImprovementAction): ActionForm {
  return {
    title: action.title,
    heard: action.what_we_heard,
    did: action.what_we_did,
    owner: action.owner_id ?? "",
    due: action.due_on ?? "",
    started: action.started_on ?? "",
    theme: action.themes[0] ?? "",
    measure: action.measure_id ?? "",
    wanted: action.wanted ?? "",
    risk: action.risk_reference,
    riskAddress: action.risk_address,
  };
}

/** What must be put right before an action can be sent. */
export function wrongs(form: ActionForm): FieldError[] {
  const found: FieldError[] = [];
  if (!form.title.trim()) found.push({ field: FIELD_IDS["title"]!, message: "Enter what you want to change, in a few words" });
  if (!form.heard.trim()) found.push({ field: FIELD_IDS["what_we_heard"]!, message: "Enter what people told you" });
  if (form.measure && !form.wanted) found.push({ field: FIELD_IDS["wanted"]!, message: "Choose which way the measure should go" });
  if (form.riskAddress && !form.riskAddress.startsWith("https://"))
    found.push({ field: FIELD_IDS["risk_address"]!, message: "Enter an address that begins with https://" });
  return found;
}

const orNull = (typed: string): Day | null => typed || null;

/** What of a form is sent; further themes of an action that is there stay. */
export function given(form: ActionForm, was: ImprovementAction | null): ActionGiven {
  const others = was?.themes.slice(1) ?? [];
  return {
    title: form.title,
    what_we_heard: form.heard,
    what_we_did: form.did,
    state: was?.state ?? "planned",
    owner_id: form.owner || null,
    due_on: orNull(form.due),
    started_on: orNull(form.started),
    themes: form.theme ? [form.theme, ...others.filter((one) => one !== form.theme)] : others,
    measure_id: form.measure || null,
    wanted: form.measure ? form.wanted || null : null,
    risk_reference: form.risk,
    risk_address: form.riskAddress,
  };
}

/** An action as it is sent when only its state changes. */
export function asGiven(action: ImprovementAction): ActionGiven {
  return { ...given(formOf(action), action), themes: action.themes };
}

/** The measures with those that a form offers first: the one of the chosen theme. */
export function offered(measures: readonly Measure[], theme: string): Measure[] {
  const own = measures.filter(({ id }) => theme && id === `theme:${theme}`);
  return [...own, ...measures.filter((one) => !own.includes(one))];
}
