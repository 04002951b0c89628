/** The app: which page is shown, when it locks, what it tells in passing. */

import type { JSX } from "preact";
import { useEffect, useReducer, useRef, useState } from "preact/hooks";

import type { Device } from "./device";
import { DraftPage } from "./pages/draft";
import { ChoosePin, Enrol, Erase, Unlock, Wiped } from "./pages/entry";
import { FindingPage, EntryPage, VisitPage } from "./pages/household";
import { Records } from "./pages/records";
import { ChangePin, Settings } from "./pages/settings";
import { SyncPage } from "./pages/sync";
import { Work } from "./pages/work";
import { Button, Screen, show, type App, type Place, type Search } from "./ui";
import { updateOffered, takeUpdate } from "./updates";
import { loadWords, say, type Language } from "../words";

const HOME: Place = { page: "work" };
const TOLD_MS = 4000;
const TABS: readonly string[] = ["work", "records", "sync", "settings"];

interface Start {
  device: Device;
  language: Language;
  /** Calls back after anything changed. */
  watch: (changed: () => void) => void;
}

export function Root({ device, watch, ...start }: Start): JSX.Element {
  const [, redraw] = useReducer((count: number) => count + 1, 0);
  const [language, speak] = useState(start.language);
  const [message, setMessage] = useState("");
  const [search, setSearch] = useState<Search>({ text: "", filter: "all" });
  const { place, go, back, begin } = usePlaces();
  useEffect(() => {
    watch(() => { redraw(null); });
  }, []);
  useEffect(() => {
    if (!message) return undefined;
    const timer = setTimeout(() => { setMessage(""); }, TOLD_MS);
    return () => { clearTimeout(timer); };
  }, [message]);
  useEffect(() => {
    // After the PIN one goes on where the app was left: in the middle of an interview.
    if (device.phase === "open" && device.left) begin({ page: "draft", id: device.left });
    else begin(HOME);
  }, [device.phase]);
  const setLanguage = async (wanted: Language): Promise<void> => {
    await loadWords(wanted);
    dress(wanted);
    speak(wanted);
    await device.setLanguage(wanted);
  };
  const app: App = {
    device, language, place, search, go, back, setLanguage, tell: setMessage,
    setSearch: (change) => { setSearch({ ...search, ...change }); },
  }; // prettier-ignore
  show(app);
  return (
    <>
      <Page app={app} />
      <div class="told" role="status">{message}</div>
      {device.unkept && <div class="told" role="alert">{say(device.unkept)}</div>}
      {updateOffered() && (
        <div class="told">
          {say("update")} <Button kind="main" onClick={() => takeUpdate(device)}>{say("update.now")}</Button>
        </div>
      )}
    </>
  );
}

/** Set the language of the whole page; Mongolian is written from top to bottom. */
export function dress(language: Language): void {
  document.documentElement.lang = language;
  document.documentElement.classList.toggle("mongolian", language === "mn-Mong");
}

function Page({ app: { device, place } }: { app: App }): JSX.Element {
  if (device.phase === "starting") return <Screen title={say("app")}>{say("loading")}</Screen>;
  if (device.phase === "unusable") return <Screen title={say("app")}>{say("unusable")}</Screen>;
  if (device.phase === "wiped") return <Wiped />;
  if (place.page === "erase") return <Erase />;
  if (device.phase === "new") return <ChoosePin />;
  if (device.phase === "locked") return <Unlock />;
  if (!device.session || place.page === "enrol") return <Enrol />;
  switch (place.page) {
    case "household": return <EntryPage key={place.id} id={place.id} />;
    case "visit": return <VisitPage id={place.id} suggested={place.outcome} />;
    case "finding": return <FindingPage id={place.id} home={place.home} />;
    case "draft": return <DraftPage key={place.id} id={place.id} />;
    case "records": return <Records />;
    case "sync": return <SyncPage />;
    case "settings": return <Settings />;
    case "pin": return <ChangePin />;
    default: return <Work />;
  }
}

interface Places {
  place: Place;
  go: (place: Place) => void;
  back: () => void;
  begin: (place: Place) => void;
}

/** Where one is and was. The browser's own way back works, and its history holds no more than numbers. */
function usePlaces(): Places {
  const stack = useRef<Place[]>([HOME]);
  const [, redraw] = useReducer((count: number) => count + 1, 0);
  useEffect(() => {
    const pop = (event: PopStateEvent): void => {
      const depth = Math.min(Number(event.state) || 0, stack.current.length - 1);
      stack.current = stack.current.slice(0, depth + 1);
      redraw(null);
    };
    addEventListener("popstate", pop);
    return () => { removeEventListener("popstate", pop); };
  }, []);
  const to = (places: Place[], how: "pushState" | "replaceState"): void => {
    stack.current = places;
    history[how](places.length - 1, "");
    redraw(null);
  };
  const fromHome = (place: Place): Place[] => (place.page === "work" ? [HOME] : [HOME, place]);
  return {
    place: stack.current[stack.current.length - 1]!,
    go: (place) => {
      to(TABS.includes(place.page) ? fromHome(place) : [...stack.current, place], "pushState");
      scrollTo(0, 0);
    },
    back: () => { to(stack.current.length > 1 ? stack.current.slice(0, -1) : stack.current, "replaceState"); },
    begin: (place) => { to(fromHome(place), "replaceState"); },
  };
}
