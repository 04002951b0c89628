/** Builds the form by itself, for tests in a browser; no part of what is shipped. */
import { defineConfig } from "vite";
import { validator } from "./plugins.mjs";

export default defineConfig({
  root: "form/stage",
  base: "./",
  plugins: [validator()],
  esbuild: { supported: { bigint: true }, jsx: "automatic", jsxImportSource: "preact" },
  build: { outDir: "../../node_modules/.stage", emptyOutDir: true, target: "es2019", minify: "terser", terserOptions: { ecma: 2019, module: true, compress: { passes: 3, unsafe_arrows: true, pure_getters: true } }, assetsInlineLimit: 0, modulePreload: { polyfill: false }, reportCompressedSize: true },
});
