import type { AtRule, Declaration, Plugin } from "postcss";

/** Physical property → its logical twin, so that a right-to-left page mirrors by itself. */
const TWINS: Readonly<Record<string, string>> = {
  left: "inset-inline-start",
  right: "inset-inline-end",
  "margin-left": "margin-inline-start",
  "margin-right": "margin-inline-end",
  "padding-left": "padding-inline-start",
  "padding-right": "padding-inline-end",
  "border-left": "border-inline-start",
  "border-right": "border-inline-end",
  "border-left-width": "border-inline-start-width",
  "border-right-width": "border-inline-end-width",
  "border-left-color": "border-inline-start-color",
  "border-right-color": "border-inline-end-color",
  "border-left-style": "border-inline-start-style",
  "border-right-style": "border-inline-end-style",
};

const SIDES: Readonly<Record<string, string>> = { left: "start", right: "end" };

function mirrorSides(declaration: Declaration): void {
  const twin = TWINS[declaration.prop];
  if (twin) declaration.prop = twin;
  else if (declaration.prop === "text-align" && SIDES[declaration.value]) {
    declaration.value = SIDES[declaration.value] ?? declaration.value;
  } else if (declaration.prop === "float" && SIDES[declaration.value]) {
    declaration.value = `inline-${SIDES[declaration.value]}`;
  }
}

function splitShorthand(declaration: Declaration): void {
  if (declaration.prop !== "margin" && declaration.prop !== "padding") return;
  const [top, right, bottom, left, ...rest] = declaration.value.split(/\s+(?![^(]*\))/);
  if (!left || rest.length || right === left) return;
  declaration.cloneBefore({ prop: `${declaration.prop}-block`, value: `${top} ${bottom}` });
  declaration.cloneBefore({ prop: `${declaration.prop}-inline`, value: `${left} ${right}` });
  declaration.remove();
}

/**
 * PostCSS plugin that writes left and right as start and end.
 *
 * nhsuk-frontend is written for left-to-right pages only; with this one step the same styles serve Arabic and Urdu.
 */
export function logical(): Plugin {
  return {
    postcssPlugin: "earshot-logical",
    Declaration(declaration) {
      const parent = declaration.parent as AtRule | undefined;
      if (parent?.type === "atrule" && parent.name === "font-face") return;
      mirrorSides(declaration);
      splitShorthand(declaration);
    },
  };
}
