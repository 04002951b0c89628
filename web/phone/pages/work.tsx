/** My work lists: which households and places, by when, what is still to be asked, what is to be cleared up. */

import type { JSX } from "preact";

import { today } from "../clock";
import { addressOf, found, missing, nameOf, registryNo, type Entry, type WorkList } from "../model";
import { Button, Field, Screen, useApp } from "../ui";
import { say } from "../../words";
import { sayDate } from "../show";

const FILTERS = ["all", "todo", "findings", "done", "places"] as const;

export function Work(): JSX.Element {
  const { device, search, setSearch: set } = useApp();
  const all = [...device.model.entries.values()];
  const asked = device.asked;
  const shows = (home: Entry): boolean => {
    if (search.filter === "findings") return home.findings.length > 0;
    if (search.filter === "places") return isPlace(home);
    if (search.filter === "all") return true;
    return (missing(home, asked).length === 0) === (search.filter === "done");
  };
  const homes = found(all, search.text).filter(shows);
  const lists = device.model.lists.filter((list) => homes.some((home) => home.list.scope === list.scope));
  return (
    <Screen title={say("work")} tabs>
      <Field label={say("search")} value={search.text} onValue={(text) => { set({ text }); }} type="search" />
      <div class="choices" role="group" aria-label={say("filter")}>
        {FILTERS.filter((filter) => filter !== "places" || all.some(isPlace)).map((filter) => (
          <button type="button" key={filter} class="chip" aria-pressed={search.filter === filter} onClick={() => { set({ filter }); }}>
            {say(`filter.${filter}`)}
          </button>
        ))}
      </div>
      <p class="quiet" aria-live="polite">{say("homes.count", { count: homes.length })}</p>
      {!homes.length && <p>{all.length ? say("homes.none") : say("homes.empty")}</p>}
      {!all.length && <Button onClick={() => device.sync()}>{say("sync.now")}</Button>}
      {lists.map((list) => (
        <section key={list.scope}>
          <h2>{list.title} <small><Due list={list} /></small></h2>
          <ul class="cards">
            {homes.filter((home) => home.list.scope === list.scope).map((home) => (
              <Card key={home.id} home={home} left={missing(home, asked).length} />
            ))}
          </ul>
        </section>
      ))}
    </Screen>
  );
}

const isPlace = (home: Entry): boolean => home.kind !== "household";

function Due({ list }: { list: WorkList }): JSX.Element {
  const { language, device } = useApp();
  if (!list.due) return <>{say("due.none")}</>;
  const late = list.due < today(device.samples);
  return <span class={late ? "late" : ""}>{late ? say("overdue") : say("due", { day: sayDate(list.due, language) })}</span>;
}

function Card({ home, left }: { home: Entry; left: number }): JSX.Element {
  const { go } = useApp();
  return (
    <li>
      <button type="button" class="card" onClick={() => { go({ page: "household", id: home.id }); }}>
        <strong>{nameOf(home)}</strong> <span class="quiet">{home.kind !== "household" && say(home.kind)} {registryNo(home)}</span>
        <span class="line">{addressOf(home)}</span>
        <span class="line">
          <span class={left ? "" : "good"}>{left ? say("forms.todo", { count: left }) : `✓ ${say("forms.done")}`}</span>
          {home.findings.length > 0 && <span class="mark">! {say("findings.count", { count: home.findings.length })}</span>}
        </span>
      </button>
    </li>
  );
}
