import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { build, defineConfig } from "vite";

const here = (path) => new URL(path, import.meta.url);

// One SVG with a symbol for each icon named in icons.json: pages refer to `icons.svg#name`.
function sprite() {
  const require = createRequire(import.meta.url);
  const symbol = (name) => {
    const file = require.resolve(`@tabler/icons/outline/${name}.svg`);
    const paths = readFileSync(file, "utf8")
      .replace(/^[\s\S]*?<svg[^>]*>/, "")
      .replace("</svg>", "")
      .replace(/<path stroke="none"[^>]*>/, "");
    return `<symbol id="${name}" viewBox="0 0 24 24">${paths.replace(/\s+/g, " ").trim()}</symbol>`;
  };
  return {
    name: "icon-sprite",
    buildStart() {
      const names = JSON.parse(readFileSync(here("icons.json"), "utf8"));
      this.emitFile({
        type: "asset",
        name: "icons.svg",
        originalFileName: "src/icons.svg",
        source: `<svg xmlns="http://www.w3.org/2000/svg">${names.map(symbol).join("")}</svg>`,
      });
      this.emitFile({
        type: "asset",
        name: "mark.svg",
        originalFileName: "src/mark.svg",
        source: readFileSync(here("src/mark.svg"), "utf8"),
      });
    },
  };
}

// The drawing script of the file report (manyi/study reads dist/report-charts.js): one classic
// script under a stable name, built after the pages' own files.
function reportScript() {
  return {
    name: "report-script",
    async closeBundle() {
      await build({
        configFile: false,
        root: here(".").pathname,
        publicDir: false,
        logLevel: "warn",
        define: { "process.env.NODE_ENV": '"production"' },
        build: {
          outDir: "../manyi/ui/static/ui/dist",
          emptyOutDir: false,
          target: ["chrome123", "firefox128", "safari17.5"],
          chunkSizeWarningLimit: 900,
          lib: {
            entry: "src/report-charts.js",
            name: "manyiReportCharts",
            formats: ["iife"],
            fileName: () => "report-charts.js",
          },
        },
      });
    },
  };
}

export default defineConfig({
  root: here(".").pathname,
  base: "./",
  publicDir: false,
  plugins: [sprite(), reportScript()],
  css: { preprocessorOptions: { scss: { loadPaths: ["node_modules"], quietDeps: true } } },
  build: {
    outDir: "../manyi/ui/static/ui/dist",
    // scripts/build_assets.py clears old files afterwards, so that a running server always
    // finds the ones its pages name.
    emptyOutDir: false,
    manifest: "manifest.json",
    assetsDir: "",
    target: ["chrome123", "firefox128", "safari17.5"],
    chunkSizeWarningLimit: 900,
    reportCompressedSize: true,
    rolldownOptions: {
      input: ["src/staff.js", "src/charts.js", "src/staff.scss"],
      // htmx holds an eval that `allowEval: false` and the page's policy both keep from running.
      checks: { eval: false, pluginTimings: false },
    },
  },
});
