// Menus (<details class="menu">), figures' explanations (popover) and dialogs.

export function closeMenus() {
  document.addEventListener("click", (event) => closeAllBut(event.target.closest("details.menu")));
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const open = document.querySelector("details.menu[open]");
    if (!open) return;
    open.open = false;
    open.querySelector("summary").focus();
  });
}

function closeAllBut(kept) {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (menu !== kept) menu.open = false;
  }
}

export function placePops() {
  document.addEventListener(
    "toggle",
    (event) => {
      if (event.newState !== "open" || !event.target.matches?.("[popover].pop")) return;
      place(event.target, document.querySelector(`[popovertarget="${event.target.id}"]`));
    },
    true,
  );
}

function place(pop, button) {
  if (!button) return;
  const anchor = button.getBoundingClientRect();
  const width = pop.offsetWidth;
  const below = anchor.bottom + 6 + pop.offsetHeight < window.innerHeight;
  const left = Math.min(Math.max(12, anchor.left - 16), window.innerWidth - width - 12);
  pop.style.left = `${left}px`;
  pop.style.top = `${below ? anchor.bottom + 6 : Math.max(12, anchor.top - 6 - pop.offsetHeight)}px`;
}

// `data-ask="id"` on a submit button asks with the dialog of that id before its form is sent;
// `data-open="id"` only opens it.
export function openDialogs() {
  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-open], [data-ask]");
    if (!opener) return;
    const dialog = document.getElementById(opener.dataset.open ?? opener.dataset.ask);
    if (!dialog) return;
    event.preventDefault();
    dialog.showModal();
    if (opener.dataset.ask !== undefined) sendOnYes(dialog, opener);
  });
}

function sendOnYes(dialog, button) {
  dialog.returnValue = "";
  dialog.addEventListener(
    "close",
    () => {
      if (dialog.returnValue !== "yes") return;
      // With the button itself, so that its name and its `formnovalidate` count.
      button.form.requestSubmit(button.type === "submit" ? button : null);
    },
    { once: true },
  );
}
