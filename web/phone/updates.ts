/** The service worker's life on the page: registered, woken, replaced when the user says so. */

import type { Device } from "./device";

let waiting: ServiceWorker | null = null;
const TASK = "ruhu";
const HOUR_MS = 3600 * 1000;

interface Policies {
  createPolicy(name: string, rules: { createScriptURL: (text: string) => string }): {
    createScriptURL: (text: string) => string;
  };
}

/** Register the service worker; `changed` is called when a new version waits. */
export async function registerWorker(device: Device, changed: () => void): Promise<void> {
  const container = navigator.serviceWorker;
  if (!container) return;
  const types = (globalThis as unknown as { trustedTypes?: Policies }).trustedTypes;
  // The one script address the app ever names.
  const policy = types?.createPolicy(TASK, { createScriptURL: (text) => (text === "/app/sw.js" ? text : "") });
  const address = policy ? policy.createScriptURL("/app/sw.js") : "/app/sw.js";
  const known = container.controller !== null;
  const registration = await container.register(address, { scope: "/app/" });
  const look = (worker: ServiceWorker | null): void => {
    if (!worker || !known) return; // the first one replaces nothing
    const settled = (): void => {
      if (worker.state === "installed") {
        waiting = worker;
        changed();
      }
    };
    worker.addEventListener("statechange", settled);
    settled();
  };
  look(registration.waiting);
  registration.addEventListener("updatefound", () => {
    look(registration.installing);
  });
  container.addEventListener("message", (event) => {
    if (event.data === "sync") void device.sync();
  });
  setInterval(() => void registration.update().catch(() => undefined), HOUR_MS);
}

export const updateOffered = (): boolean => waiting !== null;

/** Keep the drafts, then let the new version take over. */
export async function takeUpdate(device: Device): Promise<void> {
  await device.flush();
  navigator.serviceWorker.addEventListener("controllerchange", () => {
    location.reload();
  });
  waiting?.postMessage("take-over");
}
