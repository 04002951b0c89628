/** Before the work: choosing a PIN, unlocking, enrolling, what was wiped. */

import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";

import { LEAST_PIN } from "../crypto";
import { Button, Field, Screen, troubleOf, useApp } from "../ui";
import { LANGUAGES, say } from "../../words";

export function Languages(): JSX.Element {
  const { language, setLanguage } = useApp();
  return (
    <div class="choices" role="group" aria-label={say("language")}>
      {LANGUAGES.map(([tag, name]) => (
        <button
          type="button"
          key={tag}
          lang={tag}
          class={tag === "mn-Mong" ? "chip mongolian" : "chip"}
          aria-pressed={language === tag}
          onClick={() => {
            void setLanguage(tag);
          }}
        >
          {name}
        </button>
      ))}
    </div>
  );
}

/** Return what is wrong with a new PIN, or nothing. */
export function faultOf(pin: string, again: string): string {
  if (pin.length < LEAST_PIN) return say("pin.short");
  const steps = new Set([...pin].slice(1).map((each, at) => each.charCodeAt(0) - pin.charCodeAt(at)));
  if (steps.size === 1) return say("pin.simple"); // 111111, 123456, 987654
  return pin === again ? "" : say("pin.differ");
}

export function ChoosePin(): JSX.Element {
  const { device } = useApp();
  const [pin, setPin] = useState("");
  const [again, setAgain] = useState("");
  const [fault, setFault] = useState("");
  const [busy, setBusy] = useState(false);
  const choose = async (): Promise<void> => {
    const wrong = faultOf(pin, again);
    setFault(wrong);
    if (wrong || busy) return;
    setBusy(true);
    await device.choosePin(pin);
  };
  return (
    <Screen
      submit={choose}
      title={say("pin.choose")}
      actions={
        <Button kind="main" submit disabled={busy}>
          {busy ? say("pin.opening") : say("next")}
        </Button>
      }
    >
      <Languages />
      <p>{say("pin.why")}</p>
      <Field label={say("pin.new")} value={pin} onValue={setPin} type="password" complete="new-password" />
      <Field label={say("pin.again")} value={again} onValue={setAgain} type="password" complete="new-password" />
      <p role="alert">{fault}</p>
    </Screen>
  );
}

export function Unlock(): JSX.Element {
  const { device, go } = useApp();
  const [pin, setPin] = useState("");
  const [state, setState] = useState<"" | "busy" | "wrong">("");
  const [wait, setWait] = useState(device.waitS);
  useEffect(() => {
    const timer = setInterval(() => {
      setWait(device.waitS);
    }, 500);
    return () => {
      clearInterval(timer);
    };
  }, []);
  const unlock = async (): Promise<void> => {
    if (!pin || state === "busy") return;
    setState("busy");
    const right = await device.unlock(pin).catch(() => null);
    if (right) return;
    setState(right === null ? "" : "wrong"); // null: it could not be counted, the disk is full
    setPin("");
    setWait(device.waitS);
  };
  return (
    <Screen
      submit={unlock}
      title={say("app")}
      actions={
        <>
          <Button onClick={() => { go({ page: "erase" }); }}>{say("pin.forgot")}</Button>
          <Button kind="main" submit disabled={state === "busy" || wait > 0}>
            {state === "busy" ? say("pin.opening") : say("unlock")}
          </Button>
        </>
      }
    >
      <Languages />
      <Field label={say("pin.enter")} value={pin} onValue={setPin} type="password" complete="current-password" autofocus />
      <p role="alert">{wait > 0 ? say("pin.wait", { seconds: wait }) : state === "wrong" ? say("pin.wrong") : ""}</p>
    </Screen>
  );
}

export function Erase(): JSX.Element {
  const { device, back, go } = useApp();
  const erase = async (): Promise<void> => {
    await device.erase();
    go({ page: "work" });
  };
  return (
    <Screen
      title={say("erase")}
      back
      actions={
        <>
          <Button kind="danger" onClick={erase}>{say("erase.sure")}</Button>
          <Button kind="main" onClick={back}>{say("cancel")}</Button>
        </>
      }
    >
      <p role="alert">{say("erase.why", { count: device.unsent })}</p>
    </Screen>
  );
}

/** Returns the code in the address that the server's QR code holds (`…/#enrol=CODE`), or the text itself. */
const codeIn = (text: string): string => /#enrol=([\w-]+)/.exec(text)?.[1] ?? text;

export function Enrol(): JSX.Element {
  const { device, go } = useApp();
  const [code, setCode] = useState(codeIn(location.hash));
  const [scanning, setScanning] = useState(false);
  const [fault, setFault] = useState("");
  const [busy, setBusy] = useState(false);
  const enrol = async (text: string): Promise<void> => {
    if (!text.trim() || busy) return;
    setBusy(true);
    const wrong = await device.enrol(text.trim());
    setBusy(false);
    setFault(wrong && (wrong === "other" ? say("enrol.other", { name: device.session?.user.name ?? "" }) : troubleOf(wrong)));
    if (!wrong) go({ page: "work" });
  };
  const scanned = (text: string): void => {
    setScanning(false);
    setCode(codeIn(text));
    void enrol(codeIn(text));
  };
  useEffect(() => { history.replaceState(history.state, "", location.pathname); }, []); // a code stays in no history
  const expired = device.session !== null;
  return (
    <Screen
      submit={() => enrol(code)}
      title={expired ? say("enrol.again") : say("enrol")}
      back={expired}
      actions={
        <>
          {canScan() && <Button onClick={() => { setScanning(!scanning); }}>{say("enrol.scan")}</Button>}
          <Button kind="main" submit disabled={busy}>{say("enrol.send")}</Button>
        </>
      }
    >
      <p>{expired ? say("enrol.expired") : say("enrol.why")}</p>
      {scanning && <Scanner found={scanned} failed={() => (setScanning(false), setFault(say("enrol.nocamera")))} />}
      <Field label={say("enrol.code")} value={code} onValue={setCode} />
      <p role="alert">{fault}</p>
    </Screen>
  );
}

interface Detector {
  detect(source: HTMLVideoElement): Promise<{ rawValue: string }[]>;
}
type DetectorClass = new (options: { formats: string[] }) => Detector;
const detectorClass = (): DetectorClass | undefined =>
  (globalThis as unknown as { BarcodeDetector?: DetectorClass }).BarcodeDetector;

const canScan = (): boolean => detectorClass() !== undefined && "mediaDevices" in navigator;
const LOOK_MS = 250;

/** The camera's picture, until a QR code is in it. */
function Scanner({ found, failed }: { found: (text: string) => void; failed: () => void }): JSX.Element {
  const video = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    let stream: MediaStream | undefined;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let ended = false;
    const look = async (detector: Detector): Promise<void> => {
      const codes = await detector.detect(video.current!).catch(() => []);
      if (ended) return;
      if (codes[0]) found(codes[0].rawValue);
      else timer = setTimeout(() => void look(detector), LOOK_MS);
    };
    const begin = async (): Promise<void> => {
      stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
      if (ended || !video.current) return;
      video.current.srcObject = stream;
      await video.current.play();
      await look(new (detectorClass()!)({ formats: ["qr_code"] }));
    };
    begin().catch(failed);
    return () => {
      ended = true;
      clearTimeout(timer);
      stream?.getTracks().forEach((track) => { track.stop(); });
    };
  }, []);
  return (
    <figure>
      <video ref={video} muted playsInline />
      <figcaption>{say("enrol.scanning")}</figcaption>
    </figure>
  );
}

export function Wiped(): JSX.Element {
  const { device } = useApp();
  return (
    <Screen title={say("wiped")} actions={<Button kind="main" onClick={() => device.erase()}>{say("wiped.again")}</Button>}>
      <p>{say("wiped.why")}</p>
    </Screen>
  );
}
