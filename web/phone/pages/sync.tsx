/** What waits, what went, what failed and what to do. */

import type { JSX } from "preact";

import { sayTime } from "../show";
import { Button, Screen, troubleOf, useApp } from "../ui";
import { say } from "../../words";
import { useOnline } from "../hooks";

const CLOCK_WRONG_MS = 5 * 60 * 1000;

export function SyncPage(): JSX.Element {
  const { device, language, go } = useApp();
  const online = useOnline();
  const count = (state: string): number => device.ops.filter(({ record }) => record.state === state).length;
  const waiting = device.unsent + device.photos.waiting;
  const off = Math.abs(device.clockOff);
  const ended = device.trouble === "not-authenticated";
  return (
    <Screen
      title={say("sync")}
      tabs
      actions={
        ended
          ? <Button kind="main" onClick={() => { go({ page: "enrol" }); }}>{say("enrol.again")}</Button>
          : <Button kind="main" disabled={device.syncing} onClick={() => device.sync()}>{say(device.syncing ? "sync.running" : "sync.now")}</Button>
      }
    >
      <div aria-live="polite">
        <p>{say(online ? "online" : "offline")}</p>
        <p>{device.lastHeard ? say("sync.last", { time: sayTime(device.lastHeard, language) }) : say("sync.never")}</p>
        <p id="waiting">{waiting ? say("sync.waiting", { ops: device.unsent, photos: device.photos.waiting }) : say("sync.nothing")}</p>
        <p>{say("sync.gone", { count: count("acknowledged") })}</p>
        {count("rejected") > 0 && <p class="mark">{say("sync.failed", { count: count("rejected") })}</p>}
        {device.photos.broken > 0 && <p class="mark">{say("sync.broken", { count: device.photos.broken })}</p>}
        {device.trouble && <p class="card mark" role="alert">{troubleOf(device.trouble)}</p>}
        {off > CLOCK_WRONG_MS && <p class="card mark">{say("clock.wrong", { minutes: Math.round(off / 60_000) })}</p>}
        {!device.trouble && !waiting && device.lastHeard > 0 && <p class="good">✓ {say("sync.ok")}</p>}
      </div>
    </Screen>
  );
}
