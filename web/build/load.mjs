/** Loads the app's own modules as the build makes them, for programs that ask them something: `load(path)`, then `close()`. */
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { createServer } from "vite";
import { preact } from "./preact.mjs";
import { validator } from "./plugins.mjs";

const server = await createServer({
  root: join(dirname(fileURLToPath(import.meta.url)), ".."),
  configFile: false,
  logLevel: "error",
  plugins: [preact(), validator()],
  server: { middlewareMode: true, ws: false, watch: null },
  optimizeDeps: { noDiscovery: true },
  ssr: { noExternal: ["@cfworker/json-schema", "preact"] },
});

export const load = (path) => server.ssrLoadModule(path);
export const close = () => server.close();
