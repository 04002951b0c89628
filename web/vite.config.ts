/** One build: the phone app with its hashed files, its service worker, and a gzip copy beside each text. */
import { defineConfig } from "vite";
import { database, gzipped, JSX, serviceWorker, shorter, TERSER, validator } from "./build/plugins.mjs";
import { preact } from "./build/preact.mjs";

export default defineConfig({
  root: "phone",
  base: "/app/",
  publicDir: "public",
  plugins: [preact(), validator(), database(), shorter(), serviceWorker(), gzipped()],
  esbuild: { ...JSX, supported: { bigint: true } }, // the validator's multipleOf; every browser with modules and ES2019 has it
  build: {
    outDir: "../../api/web/dist",
    emptyOutDir: true,
    target: "es2019",
    minify: "terser", // 4 % smaller than esbuild's
    terserOptions: TERSER,
    assetsInlineLimit: 0, // the policy of the page allows no data: URLs
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    rollupOptions: { output: { hashCharacters: "hex" } },
  },
});
