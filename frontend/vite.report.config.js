import { defineConfig } from "vite";

const here = (path) => new URL(path, import.meta.url).pathname;

// Built after the main build, into the same folder, under a name without a hash:
// manyi/study reads dist/report-charts.js.
export default defineConfig({
  root: here("."),
  publicDir: false,
  build: {
    outDir: "../manyi/ui/static/ui/dist",
    emptyOutDir: false,
    target: ["chrome123", "firefox128", "safari17.5"],
    chunkSizeWarningLimit: 900,
    lib: {
      entry: here("src/report-charts.js"),
      name: "manyiReportCharts",
      formats: ["iife"],
      fileName: () => "report-charts.js",
    },
  },
});
