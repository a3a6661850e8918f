// The choice is kept in localStorage; the small script in the page's head applies it before
// anything is drawn.
export function rememberTheme() {
  mark();
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-set-theme]");
    if (!button) return;
    choose(button.dataset.setTheme);
    button.closest("details")?.removeAttribute("open");
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", announce);
}

function choose(theme) {
  if (theme === "auto") {
    localStorage.removeItem("theme");
    delete document.documentElement.dataset.theme;
  } else {
    localStorage.setItem("theme", theme);
    document.documentElement.dataset.theme = theme;
  }
  mark();
  announce();
}

function mark() {
  const now = document.documentElement.dataset.theme ?? "auto";
  for (const button of document.querySelectorAll("[data-set-theme]")) {
    button.setAttribute("aria-pressed", String(button.dataset.setTheme === now));
  }
}

function announce() {
  document.dispatchEvent(new CustomEvent("manyi:theme"));
}
