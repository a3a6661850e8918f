(() => {
  "use strict";
  const root = document.documentElement;
  const twins = document.querySelectorAll("details.twin");
  if (!window.echarts) return;
  root.classList.add("drawn");
  twins.forEach((twin) => twin.removeAttribute("open"));
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const colour = (token) => getComputedStyle(root).getPropertyValue("--" + token.slice(1)).trim();
  const paint = (part, key) => {
    if (Array.isArray(part)) return part.map((one) => paint(one, key));
    if (part && typeof part === "object") {
      return Object.fromEntries(Object.entries(part).map(([k, v]) => [k, paint(v, k)]));
    }
    const token = typeof part === "string" && part[0] === "@" && /color$/i.test(key || "");
    return token ? colour(part) || part : part;
  };
  const drawn = [...document.querySelectorAll("[data-chart]")].map((place) => ({
    chart: window.echarts.init(place, null, { renderer: "svg" }),
    option: document.getElementById(place.dataset.chart).textContent,
  }));
  const draw = (moving) => {
    for (const { chart, option } of drawn) {
      chart.setOption({ ...paint(JSON.parse(option)), animation: moving && !still }, true);
    }
  };
  draw(true);
  addEventListener("resize", () => drawn.forEach(({ chart }) => chart.resize()));
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => draw(false));
  const onPaper = (yes) => {
    root.classList.toggle("paper", yes);
    drawn.forEach(({ chart }) => chart.resize());
    draw(false);
  };
  addEventListener("beforeprint", () => onPaper(true));
  addEventListener("afterprint", () => onPaper(false));
})();
