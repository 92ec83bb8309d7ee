import "./form.scss";
import { announceErrors } from "./announceErrors";
import { countCharacters } from "./countCharacters";
import { sendOnce } from "./sendOnce";

/** Makes the form kinder where there is JavaScript; without it the page does all that it must. */
announceErrors(document);
for (const group of document.querySelectorAll<HTMLElement>("[data-maxlength]")) countCharacters(group);
for (const form of document.querySelectorAll<HTMLFormElement>('form[method="post"]')) sendOnce(form);
