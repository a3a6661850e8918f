import htmx from "htmx.org";
import { closeMenus, openDialogs, placePops } from "./layers.js";
import { steerByKeys } from "./keys.js";
import { rememberTheme } from "./theme.js";

// Also set by the page's meta tag; here for pages that load htmx without it.
Object.assign(htmx.config, {
  allowEval: false,
  includeIndicatorStyles: false,
  selfRequestsOnly: true,
  historyCacheSize: 0,
});
window.htmx = htmx;

rememberTheme();
closeMenus();
placePops();
openDialogs();
steerByKeys();

// On a phone the page that is open may be the last of many tabs.
for (const tab of document.querySelectorAll(".tabs [aria-current]")) {
  const row = tab.closest(".tabs");
  row.scrollLeft = tab.offsetLeft - row.offsetLeft - (row.clientWidth - tab.offsetWidth) / 2;
}

// ECharts is fetched by the first page that has a picture.
function drawPictures(root) {
  if (root.querySelector("[data-option]")) import("./charts.js").then(({ drawAll }) => drawAll(root));
}
drawPictures(document);
document.addEventListener("htmx:load", (event) => drawPictures(event.target));

// Only what the address can hold: empty filter fields stay out of it.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("form[data-tidy]")) return;
  for (const field of form.elements) {
    if (field.name && field.value === "") field.disabled = true;
  }
});
window.addEventListener("pageshow", () => {
  for (const field of document.querySelectorAll("form[data-tidy] :disabled")) field.disabled = false;
});

// The clock of whoever sets up is most likely that of the organisation.
for (const choice of document.querySelectorAll("[data-own-zone]")) {
  const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if ([...choice.options].some((one) => one.value === here)) choice.value = here;
}

// A control that sends its form as soon as it changes.
document.addEventListener("change", (event) => {
  if (event.target.matches("[data-submit-on-change]")) event.target.form.requestSubmit();
});

document.addEventListener("click", (event) => {
  const closer = event.target.closest("[data-dismiss]");
  if (closer) closer.closest(closer.dataset.dismiss)?.remove();
  if (event.target.closest("[data-print]")) window.print();
  const copier = event.target.closest("[data-copy]");
  if (copier) copy(copier);
});

async function copy(button) {
  await navigator.clipboard.writeText(button.dataset.copy);
  if (!button.dataset.copied) return;
  const before = button.textContent;
  button.textContent = button.dataset.copied;
  setTimeout(() => (button.textContent = before), 1600);
}

// A failed partial says so where it would have stood, with the way to try again.
document.addEventListener("htmx:responseError", failed);
document.addEventListener("htmx:sendError", failed);
function failed(event) {
  const template = document.getElementById("failed-partial");
  const target = event.detail.target;
  if (!template || !target || event.detail.elt.closest("[hx-trigger*='every']")) return;
  target.querySelector(":scope > .state-failed")?.remove();
  const shown = template.content.cloneNode(true);
  const said = sentence(event.detail.xhr);
  const place = shown.querySelector("[data-sentence]");
  if (said && place) place.textContent = said;
  target.prepend(shown);
}

// A refusal carries the sentence of what to put right, as plain words in a fragment.
function sentence(xhr) {
  if (!xhr || xhr.status < 400 || xhr.status >= 500) return "";
  const page = new DOMParser().parseFromString(xhr.responseText, "text/html");
  return page.querySelector("[data-sentence], .note")?.textContent.trim() ?? "";
}
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-reload]")) window.location.reload();
});
