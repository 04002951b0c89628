/** How requests travel: to this origin alone, without cookies, never cached, and not for ever. */

import { NoAnswer } from "./answers";
import { contentDigest, utf8, type Bytes } from "./digests";

const PATIENCE_MS = 60_000;

/** Send a request. @throws NoAnswer no status came back. */
export async function send(
  token: string | null,
  method: string,
  path: string,
  headers: Record<string, string>,
  body?: Bytes,
): Promise<Response> {
  const patience = new AbortController();
  const timer = setTimeout(() => {
    patience.abort();
  }, PATIENCE_MS);
  try {
    return await fetch(path, {
      method,
      headers: { ...headers, ...(token ? { Authorization: `Bearer ${token}` } : {}) },
      ...(body ? { body } : {}),
      cache: "no-store",
      credentials: "omit",
      redirect: "error",
      signal: patience.signal,
    });
  } catch (error) {
    throw new NoAnswer(String(error));
  } finally {
    clearTimeout(timer);
  }
}

/** Return headers and bytes of a JSON body: compressed where the browser can, else as it is. */
export async function packed(value: unknown): Promise<{ headers: Record<string, string>; body: Bytes }> {
  const plain = utf8(JSON.stringify(value));
  const zips = typeof CompressionStream !== "undefined";
  const body = zips ? await gzipped(plain) : plain;
  const headers: Record<string, string> = {
    "Content-Type": "application/json",
    "Content-Digest": await contentDigest(body),
    ...(zips ? { "Content-Encoding": "gzip" } : {}),
  };
  return { headers, body };
}

async function gzipped(plain: Bytes): Promise<Bytes> {
  const stream = new Blob([plain]).stream().pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
