/** One build: the phone app with its hashed files, its service worker, and a gzip copy beside each text. */
import { defineConfig } from "vite";
import { gzipped, serviceWorker, validator } from "./build/plugins.mjs";

export default defineConfig({
  root: "phone",
  base: "/app/",
  publicDir: "public",
  plugins: [validator(), serviceWorker(), gzipped()],
  esbuild: { supported: { bigint: true } }, // the validator's multipleOf; every browser with modules and ES2019 has it
  build: {
    outDir: "../../api/web/dist",
    emptyOutDir: true,
    target: "es2019",
    minify: "terser", // 4 % smaller than esbuild's
    terserOptions: { ecma: 2019, module: true, compress: { passes: 3, unsafe_arrows: true, pure_getters: true } },
    assetsInlineLimit: 0, // the policy of the page allows no data: URLs
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    rollupOptions: { output: { hashCharacters: "hex" } },
  },
});
