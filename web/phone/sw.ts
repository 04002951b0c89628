/**
 * The service worker: keeps the app's own files, so that it opens with no network, days later. It never sees data: what
 * goes to /api is none of its business, and it holds no key.
 */

declare const __FILES__: string[];
declare const __FONTS__: string[];
declare const __BUILD__: string;

const worker = self as unknown as ServiceWorkerGlobalScope;
const BASE = "/app/";
const SHELL = `ruhu-${__BUILD__}`;
const FONTS = new Set(__FONTS__.map((name) => BASE + name));
const FILES = new Set(__FILES__.map((name) => BASE + name));

worker.addEventListener("install", (event) => {
  // The page's own name does not tell its content: it is asked for anew. A file under assets/ may come from the cache.
  const wanted = [...FILES].map((path) => new Request(path, path.includes("/assets/") ? {} : { cache: "reload" }));
  event.waitUntil(caches.open(SHELL).then((cache) => cache.addAll(wanted)));
});

worker.addEventListener("activate", (event) => {
  event.waitUntil(
    caches
      .keys()
      .then((names) => Promise.all(names.filter((name) => name.startsWith("ruhu-") && name !== SHELL).map((name) => caches.delete(name))))
      .then(() => worker.clients.claim()),
  );
});

worker.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== worker.location.origin || !url.pathname.startsWith(BASE)) return;
  const path = request.mode === "navigate" ? `${BASE}index.html` : url.pathname;
  if (FILES.has(path) || FONTS.has(path)) event.respondWith(kept(path, request));
});

/** What is kept, else what the server gives: of that, fonts are kept from now on. */
async function kept(path: string, request: Request): Promise<Response> {
  const cache = await caches.open(SHELL);
  const found = await cache.match(path);
  if (found) return found;
  const response = await fetch(request);
  if (response.ok && FONTS.has(path)) await cache.put(path, response.clone());
  return response;
}

// A page that has kept its drafts lets the new version take over.
worker.addEventListener("message", (event) => {
  if (event.data === "take-over") void worker.skipWaiting();
});

// There is a line again: whoever is open and unlocked sends what waits. Without a key nothing can be sent from here.
worker.addEventListener("sync", (event) => {
  const told = worker.clients.matchAll({ type: "window" }).then((pages) => {
    for (const page of pages) page.postMessage("sync");
  });
  (event as ExtendableEvent).waitUntil(told);
});
