import { keysWork } from "../keys/bytes";
import { offerReceipt } from "./speak/filedPage";
import { takeOverReceipts } from "./speak/receiptPage";
import { SpeakPage } from "./speak/speakPage";

/** Seals and opens on this device, where the browser lets it; elsewhere the plain pages do all that they must. */
const form = document.querySelector<HTMLFormElement>("#speak");
const typed = document.querySelector<HTMLFormElement>("#receipt-form");
const filed = document.querySelector<HTMLElement>("#filed");
if (keysWork()) {
  if (form) new SpeakPage(form, document.querySelector<HTMLElement>("#speak-page") as HTMLElement).begin();
  if (typed) takeOverReceipts(typed, document.querySelector<HTMLElement>("#receipt-page") as HTMLElement);
}
if (filed) offerReceipt(filed, document);
