import { defineConfig } from "vitest/config";
import { JSX, validator } from "./build/plugins.mjs";
import { preact } from "./build/preact.mjs";

export default defineConfig({
  plugins: [preact(), validator()],
  esbuild: JSX,
  test: { include: ["{build,form,phone,words}/**/*.test.{ts,tsx}"], reporters: ["default"], server: { deps: { inline: ["@cfworker/json-schema", "preact"] } } },
});
