/** Language, PIN, locking, what the app is. */

import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";

import { APP } from "../device";
import { useInstall } from "../hooks";
import { Button, Field, Screen, useApp } from "../ui";
import { say } from "../../words";
import { faultOf, Languages } from "./entry";

const IDLE = [2, 5, 15];

export function Settings(): JSX.Element {
  const { device, go } = useApp();
  const install = useInstall();
  const [kept, setKept] = useState(false);
  useEffect(() => {
    void navigator.storage?.persisted?.().then(setKept);
  }, []);
  return (
    <Screen title={say("settings")} tabs>
      <section>
        <h2>{say("language")}</h2>
        <Languages />
      </section>
      <section>
        <h2>{say("pin")}</h2>
        <div class="choices" role="group" aria-label={say("idle")}>
          <p>{say("idle")}</p>
          {IDLE.map((minutes) => (
            <button type="button" key={minutes} class="chip" aria-pressed={device.idleMinutes === minutes} onClick={() => void device.setIdle(minutes)}>
              {say("minutes", { count: minutes })}
            </button>
          ))}
        </div>
        <Button onClick={() => { go({ page: "pin" }); }}>{say("pin.change")}</Button>
        <Button onClick={() => device.lock()}>{say("lock")}</Button>
      </section>
      <section>
        <h2>{say("about")}</h2>
        <p>{say("about.user", { name: device.session?.user.name ?? "" })}</p>
        <p>{say("about.version", { version: APP })}</p>
        <p>{say(kept ? "about.kept" : "about.unkept")}</p>
        {install && <Button onClick={install}>{say("install")}</Button>}
        <Button onClick={() => { go({ page: "enrol" }); }}>{say("enrol.again")}</Button>
        <Button onClick={() => { go({ page: "erase" }); }}>{say("erase")}</Button>
      </section>
    </Screen>
  );
}

export function ChangePin(): JSX.Element {
  const { device, back, tell } = useApp();
  const [old, setOld] = useState("");
  const [pin, setPin] = useState("");
  const [again, setAgain] = useState("");
  const [fault, setFault] = useState("");
  const change = async (): Promise<void> => {
    const wrong = faultOf(pin, again);
    if (wrong) return setFault(wrong);
    if (await device.changePin(old, pin)) {
      tell(say("pin.changed"));
      back();
    } else setFault(device.waitS ? say("pin.wait", { seconds: device.waitS }) : say("pin.wrong"));
  };
  return (
    <Screen submit={change} title={say("pin.change")} back actions={<Button kind="main" submit>{say("save")}</Button>}>
      <Field label={say("pin.old")} value={old} onValue={setOld} type="password" complete="current-password" />
      <Field label={say("pin.new")} value={pin} onValue={setPin} type="password" complete="new-password" />
      <Field label={say("pin.again")} value={again} onValue={setAgain} type="password" complete="new-password" />
      <p role="alert">{fault}</p>
    </Screen>
  );
}
