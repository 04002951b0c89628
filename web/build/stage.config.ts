/** Builds the form by itself, for tests in a browser; no part of what is shipped. */
import { defineConfig } from "vite";
import { ownFormats } from "./plugins.mjs";

export default defineConfig({
  root: "form/stage",
  base: "./",
  plugins: [ownFormats()],
  esbuild: { supported: { bigint: true }, jsx: "automatic", jsxImportSource: "preact" },
  build: { outDir: "../../node_modules/.stage", emptyOutDir: true, target: "es2019", assetsInlineLimit: 0, modulePreload: { polyfill: false }, reportCompressedSize: true },
});
