// Our chart theme, read from the page's CSS variables so that both themes come from one place.

// light-dark() is only resolved in a colour that is used, hence the probe.
function reader() {
  const probe = document.createElement("span");
  probe.hidden = true;
  document.body.append(probe);
  const read = (name) => {
    probe.style.color = `var(--${name})`;
    return getComputedStyle(probe).color;
  };
  read.end = () => probe.remove();
  return read;
}

// Options made on the server name colours by token: "@accent" is var(--accent) here. Only keys
// that end in "color" hold tokens, so a shop that is called “@line” keeps its name.
const TOKENS = {
  ink: "ink",
  muted: "ink-2",
  line: "line",
  paper: "surface",
  accent: "accent",
  band: "band",
  grey: "series-rest",
  low1: "scale-1",
  low2: "scale-2",
  neutral: "scale-3",
  high1: "scale-4",
  high2: "scale-5",
};

export function dress(option) {
  const read = reader();
  const dressed = walk(option, read, false);
  read.end();
  return dressed;
}

function walk(value, read, colour) {
  if (Array.isArray(value)) return value.map((one) => walk(one, read, colour));
  if (value && typeof value === "object") {
    return Object.fromEntries(
      Object.entries(value).map(([key, one]) => [key, walk(one, read, /color$/i.test(key))]),
    );
  }
  const token = colour && typeof value === "string" && value.startsWith("@") && TOKENS[value.slice(1)];
  return token ? read(token) : value;
}

export function theme() {
  const read = reader();
  const ink = read("ink");
  const soft = read("ink-2");
  const faint = read("ink-3");
  const line = read("line");
  const strong = read("line-strong");
  const surface = read("surface");
  const font = getComputedStyle(document.body).fontFamily;
  const series = [1, 2, 3, 4, 5].map((n) => read(`series-${n}`));
  const scale = [1, 2, 3, 4, 5].map((n) => read(`scale-${n}`));
  read.end();

  const axis = {
    axisLine: { lineStyle: { color: strong } },
    axisTick: { show: false },
    axisLabel: { color: soft, fontSize: 12 },
    nameTextStyle: { color: faint, fontSize: 12 },
    splitLine: { lineStyle: { color: line } },
    splitArea: { show: false },
  };
  return {
    color: series,
    backgroundColor: "transparent",
    textStyle: { fontFamily: font, color: ink, fontSize: 12 },
    title: { textStyle: { color: ink, fontSize: 14, fontWeight: 600 } },
    grid: { left: 8, right: 24, top: 24, bottom: 8, containLabel: true },
    legend: {
      textStyle: { color: soft, fontSize: 12 },
      itemWidth: 12,
      itemHeight: 8,
      icon: "roundRect",
      pageIconColor: soft,
      pageIconInactiveColor: line,
      pageTextStyle: { color: soft },
    },
    tooltip: {
      backgroundColor: surface,
      borderColor: strong,
      borderWidth: 1,
      padding: [8, 12],
      shadowBlur: 0,
      textStyle: { color: ink, fontSize: 12, fontFamily: font },
      axisPointer: {
        lineStyle: { color: strong, width: 1 },
        crossStyle: { color: strong },
        shadowStyle: { color: "transparent" },
        label: { backgroundColor: soft, color: surface },
      },
    },
    visualMap: { inRange: { color: scale }, textStyle: { color: soft } },
    line: { lineStyle: { width: 2 }, symbol: "circle", symbolSize: 6, smooth: false },
    bar: { itemStyle: { borderRadius: 0 }, barMaxWidth: 24 },
    scatter: { symbolSize: 9 },
    pie: { itemStyle: { borderColor: surface, borderWidth: 1 }, label: { color: ink } },
    heatmap: { itemStyle: { borderColor: surface, borderWidth: 1 } },
    markLine: { label: { color: soft } },
    categoryAxis: { ...axis, splitLine: { show: false } },
    valueAxis: { ...axis, axisLine: { show: false } },
    logAxis: axis,
    timeAxis: { ...axis, splitLine: { show: false } },
  };
}
