/** Locking by itself: after minutes without a touch, and after as long out of sight. Drafts are written at once when hidden. */

import type { Device } from "./device";

const LOOK_MS = 5_000;

export function watchIdle(device: Device): void {
  let touched = Date.now();
  const touch = (): void => {
    touched = Date.now();
  };
  const look = (): void => {
    if (Date.now() - touched >= device.idleMinutes * 60_000) void device.lock();
  };
  for (const kind of ["pointerdown", "keydown", "input", "scroll"]) addEventListener(kind, touch, { passive: true, capture: true });
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) void device.flush();
    else look();
  });
  addEventListener("pagehide", () => void device.flush());
  setInterval(look, LOOK_MS);
}
