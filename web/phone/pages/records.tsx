/** What I recorded: unfinished, returned, waiting, sent, not taken. */

import type { ComponentChildren, JSX } from "preact";

import type { JsonObject } from "../canonical";
import type { ShownOp } from "../device";
import type { Draft } from "../drafts";
import { nameOf, short, type Returned } from "../model";
import { sayDate, sayTime } from "../show";
import { Screen, useApp } from "../ui";
import { say, textIn, type Word } from "../../words";
import { Correct, outcomeOf } from "./household";

export function Records(): JSX.Element {
  const { device } = useApp();
  const of = (state: string): ShownOp[] => device.ops.filter(({ record }) => record.state === state);
  const open = new Set(device.drafts.map((each) => each.interview));
  const returned = device.returned.filter((each) => !open.has(each.id));
  return (
    <Screen title={say("records")} tabs>
      <Part title={say("returned")} items={returned} show={(each) => <ReturnedCard key={each.id} interview={each} />} />
      <Part title={say("drafts")} items={device.drafts} show={(each) => <DraftCard key={each.id} draft={each} />} />
      <Part title={say("rejected")} items={of("rejected")} show={(each) => <OpCard key={each.record.id} op={each} />} />
      <Part title={say("outbox")} items={of("pending")} show={(each) => <OpCard key={each.record.id} op={each} />} />
      <Part title={say("sent")} items={of("acknowledged")} show={(each) => <OpCard key={each.record.id} op={each} />} />
    </Screen>
  );
}

interface PartProps<T> {
  title: string;
  items: readonly T[];
  show: (item: T) => ComponentChildren;
}

function Part<T>({ title, items, show }: PartProps<T>): JSX.Element | null {
  return (
    <section>
      <h2>{title} <small>{items.length || say("none")}</small></h2>
      {items.length > 0 && <ul class="cards">{items.map(show)}</ul>}
    </section>
  );
}

function useNames(): { home: (id: string) => string; form: (formId: string | undefined) => string } {
  const { device, language } = useApp();
  return {
    home: (id) => {
      const home = device.model.entries.get(id);
      return home ? nameOf(home) : short(id);
    },
    form: (formId) => textIn(device.model.forms.find((each) => each.formId === formId)?.title, language) || (formId ?? ""),
  };
}

function ReturnedCard({ interview }: { interview: Returned }): JSX.Element {
  const names = useNames();
  return (
    <li class="card mark">
      <strong>{names.home(interview.household)}</strong> {names.form(interview.formId)}
      <p>{say("returned.why", { reason: interview.reason })}</p>
      <Correct interview={interview} />
    </li>
  );
}

function DraftCard({ draft }: { draft: Draft }): JSX.Element {
  const { go, language } = useApp();
  const names = useNames();
  return (
    <li>
      <button type="button" class="card" onClick={() => { go({ page: "draft", id: draft.id }); }}>
        <strong>{names.home(draft.household)}</strong> {names.form(draft.formId)}
        <small class="line quiet">{sayTime(draft.changed, language)} · {say("form.resume")}</small>
      </button>
    </li>
  );
}

function OpCard({ op: { record, content, told } }: { op: ShownOp }): JSX.Element {
  const { device, language } = useApp();
  const names = useNames();
  const { kind, body, formId } = content;
  const about = kind === "visit" ? outcomeOf(String(body["outcome"])) : names.form(formId);
  const row = device.model.interviews.find((each) => each.op === record.id);
  const issues = row?.issues.length ?? (told["issues"] as JsonObject[] | undefined)?.length ?? 0;
  return (
    <li class={record.state === "rejected" ? "card mark" : "card"}>
      <strong>{names.home(String(body["household"]))}</strong> {say(`kind.${kind}` as Word)} {about}
      <small class="line quiet">
        {row ? sayDate(row.on, language) : ""} {statusOf(record.state, told)}
        {issues > 0 && ` · ${say("issues", { count: issues })}`}
        {row && row.state !== "head" && ` · ${say(`state.${row.state}` as Word)}`}
      </small>
    </li>
  );
}

function statusOf(state: string, told: JsonObject): string {
  if (state === "pending") return say("status.pending");
  const status = String(told["status"] ?? "stored");
  const message = told["message"];
  const why = typeof message === "string" ? message : String(told["code"] ?? "");
  return say(`status.${status}` as Word, { why });
}
