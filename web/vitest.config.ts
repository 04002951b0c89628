import { defineConfig } from "vitest/config";

export default defineConfig({
  esbuild: { jsx: "automatic", jsxImportSource: "preact" },
  test: { include: ["{form,phone,lib}/**/*.test.{ts,tsx}"], reporters: ["default"] },
});
