/** The phone app starts here. */

import { render } from "preact";

import "../form/form.css";
import "./app.css";
import { dress, Root } from "./app";
import { Device } from "./device";
import { registerWorker } from "./updates";
import { watchIdle } from "./idle";
import { loadWords, type Language } from "../words";

async function start(): Promise<void> {
  let changed = (): void => undefined;
  const device = new Device(() => {
    changed();
  });
  await device.start();
  const language: Language = (await device.language) ?? "zh-Hans";
  dress(language);
  await loadWords(language);
  const watch = (callback: () => void): void => {
    changed = callback;
  };
  render(<Root device={device} language={language} watch={watch} />, document.getElementById("app")!);
  watchIdle(device);
  addEventListener("online", () => void device.sync());
  void navigator.storage?.persist?.();
  await registerWorker(device, () => {
    changed();
  });
}

void start();
