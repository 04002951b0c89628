/** What pages watch of the browser: the line, the offer to install. */

import { useEffect, useState } from "preact/hooks";

export function useOnline(): boolean {
  const [online, setOnline] = useState(navigator.onLine);
  useEffect(() => {
    const look = (): void => {
      setOnline(navigator.onLine);
    };
    addEventListener("online", look);
    addEventListener("offline", look);
    return () => {
      removeEventListener("online", look);
      removeEventListener("offline", look);
    };
  }, []);
  return online;
}

interface Offer extends Event {
  prompt(): Promise<void>;
}

let offer: Offer | null = null;
addEventListener("beforeinstallprompt", (event) => {
  event.preventDefault(); // it is offered in the settings, not in the middle of an interview
  offer = event as Offer;
});

/** Return what installs the app, or null where the browser offers nothing. */
export function useInstall(): (() => Promise<void>) | null {
  const [there, setThere] = useState(offer !== null);
  if (!there || !offer) return null;
  const now = offer;
  return async () => {
    await now.prompt();
    offer = null;
    setThere(false);
  };
}
