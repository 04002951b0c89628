/** Builds the form by itself, for tests in a browser; no part of what is shipped. */
import { defineConfig } from "vite";
import { JSX, shorter, TERSER, validator } from "./plugins.mjs";
import { preact } from "./preact.mjs";

export default defineConfig({
  root: "form/stage",
  base: "./",
  plugins: [preact(), validator(), shorter()],
  esbuild: { ...JSX, supported: { bigint: true } },
  build: { outDir: "../../node_modules/.stage", emptyOutDir: true, target: "es2019", minify: "terser", terserOptions: TERSER, assetsInlineLimit: 0, modulePreload: { polyfill: false }, reportCompressedSize: true },
});
