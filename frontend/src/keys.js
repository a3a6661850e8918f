// j and k walk a list, enter opens, / searches, ? shows the keys.

const ROWS = "[data-list] > tr, [data-list] > li";

export function steerByKeys() {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    const act = KEYS[event.key];
    if (act?.(event)) event.preventDefault();
  });
}

const KEYS = {
  j: () => step(1),
  k: () => step(-1),
  Enter: (event) => open(event.target),
  "/": () => focusOn("[data-search]"),
  "?": () => show("keys"),
};

function isTyping(target) {
  return target.closest("input, textarea, select, [contenteditable], dialog[open]") !== null;
}

function step(by) {
  const rows = [...document.querySelectorAll(ROWS)].filter((row) => row.querySelector("a[href]"));
  if (!rows.length) return false;
  const at = rows.findIndex((row) => row.classList.contains("at"));
  const next = rows[Math.min(rows.length - 1, Math.max(0, at + by))];
  rows[at]?.classList.remove("at");
  next.classList.add("at");
  next.scrollIntoView({ block: "nearest" });
  next.querySelector("a[href]").focus({ preventScroll: true });
  return true;
}

function open(target) {
  if (target.closest("a, button, summary")) return false;
  const link = document.querySelector(".at a[href]");
  link?.click();
  return Boolean(link);
}

function focusOn(selector) {
  // On a phone the box of the top bar is not there; the page's own is.
  const field = [...document.querySelectorAll(selector)].find((one) => one.checkVisibility());
  field?.focus();
  field?.select?.();
  return Boolean(field);
}

function show(id) {
  const dialog = document.getElementById(id);
  dialog?.showModal();
  return Boolean(dialog);
}
