/** The parts of a page that the script fills: elements marked `data-slot`, and copies of templates. */

/** A copy of a template of this page. */
export function copyOf(page: Document, id: string): DocumentFragment {
  return (page.getElementById(id) as HTMLTemplateElement).content.cloneNode(true) as DocumentFragment;
}

/** The slot of a name. */
export function slot(within: ParentNode, name: string): HTMLElement {
  return within.querySelector<HTMLElement>(`[data-slot="${name}"]`) as HTMLElement;
}

/** Fills slots with texts. */
export function fill(within: ParentNode, texts: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(texts)) slot(within, name).textContent = text;
}

/** Words with `{blanks}` filled in. */
export function filledIn(words: string, blanks: Readonly<Record<string, string>>): string {
  return words.replace(/\{(\w+)\}/g, (blank, name: string) => blanks[name] ?? blank);
}

/** Lets the reader save a text as a file of their own. */
export function save(page: Document, name: string, text: string): void {
  const link = page.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "text/plain" }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
