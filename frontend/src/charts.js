import { BarChart, CustomChart, HeatmapChart, LineChart, PieChart, ScatterChart } from "echarts/charts";
import {
  AriaComponent,
  DatasetComponent,
  GridComponent,
  LegendComponent,
  MarkAreaComponent,
  MarkLineComponent,
  MarkPointComponent,
  TitleComponent,
  TooltipComponent,
  VisualMapComponent,
  GraphicComponent,
} from "echarts/components";
import * as echarts from "echarts/core";
import { LabelLayout } from "echarts/features";
import { CanvasRenderer } from "echarts/renderers";
import { dress, theme } from "./palette.js";

echarts.use([
  BarChart,
  CustomChart,
  HeatmapChart,
  LineChart,
  PieChart,
  ScatterChart,
  AriaComponent,
  DatasetComponent,
  GraphicComponent,
  GridComponent,
  LegendComponent,
  MarkAreaComponent,
  MarkLineComponent,
  MarkPointComponent,
  TitleComponent,
  TooltipComponent,
  VisualMapComponent,
  LabelLayout,
  CanvasRenderer,
]);

const still = matchMedia("(prefers-reduced-motion: reduce)");
const drawn = new Map();
const sized = new ResizeObserver((entries) => {
  for (const entry of entries) drawn.get(entry.target)?.resize();
});

// As wide as the text of a portrait page; the print style sheet fits it to any other.
const PAPER = { width: 860, devicePixelRatio: 2 };

function draw(box, onPaper) {
  if (drawn.has(box)) erase(box);
  const source = document.getElementById(box.dataset.option);
  if (!source) return;
  const height = Number(box.previousElementSibling?.getAttribute("height")) || box.clientHeight;
  const size = onPaper ? { ...PAPER, height } : {};
  const chart = echarts.init(box, theme(), { renderer: "canvas", ...size });
  const option = quiet(dress(JSON.parse(source.textContent)));
  // Paper takes what is there at once: a line that grows would not be there yet.
  chart.setOption(onPaper ? { ...option, animation: false } : option);
  if (onPaper) chart.getZr().flush();
  // A datum, an axis label or a mark that has an `href` leads there; the table twin holds the
  // same links for those who do not point.
  chart.on("click", (event) => {
    const href = event.data?.href;
    if (typeof href === "string" && /^[/?]/.test(href)) window.location.assign(href);
  });
  drawn.set(box, chart);
  if (!onPaper) sized.observe(box);
}

function erase(box) {
  sized.unobserve(box);
  drawn.get(box)?.dispose();
  drawn.delete(box);
}

// A number wider than its piece of a stacked bar would lose digits to the next: better none.
const AWAY = -9999;
const fitting = ({ rect, labelRect }) => (labelRect.width > rect.width ? { x: AWAY } : {});

function fitted(series) {
  return series.type === "bar" && series.stack ? { ...series, labelLayout: fitting } : series;
}

// Tooltips as rich text: no markup from data, no style attributes that the policy forbids.
function quiet(option) {
  return {
    ...option,
    series: option.series?.map(fitted),
    textStyle: { ...option.textStyle, fontFamily: getComputedStyle(document.body).fontFamily },
    animation: option.animation !== false && !still.matches,
    animationDuration: 200,
    animationDurationUpdate: 150,
    tooltip: option.tooltip && { confine: true, ...option.tooltip, renderMode: "richText" },
  };
}

export function drawAll(root) {
  for (const box of root.querySelectorAll("[data-option]")) if (!drawn.has(box)) draw(box);
}

function redrawAll(onPaper) {
  for (const box of [...drawn.keys()]) box.isConnected ? draw(box, onPaper) : erase(box);
}

drawAll(document);
document.addEventListener("manyi:theme", () => redrawAll(false));
document.addEventListener("htmx:afterSwap", () => {
  for (const box of [...drawn.keys()]) if (!box.isConnected) erase(box);
});
// Paper is light: canvases cannot follow the print style sheet by themselves.
const root = document.documentElement;
let themeBefore;
window.addEventListener("beforeprint", () => {
  themeBefore = root.dataset.theme;
  root.dataset.theme = "light";
  redrawAll(true);
});
window.addEventListener("afterprint", () => {
  if (themeBefore === undefined) delete root.dataset.theme;
  else root.dataset.theme = themeBefore;
  redrawAll(false);
});
