import { defineConfig } from "vitest/config";
import { validator } from "./build/plugins.mjs";

export default defineConfig({
  plugins: [validator()],
  esbuild: { jsx: "automatic", jsxImportSource: "preact" },
  test: { include: ["{build,form,phone,words}/**/*.test.{ts,tsx}"], reporters: ["default"], server: { deps: { inline: ["@cfworker/json-schema"] } } },
});
