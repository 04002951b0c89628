/** A household or place: how to find it, who lives there, what is to be cleared up in this visit, which forms to ask. */

import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";

import { today } from "../clock";
import type { JsonObject } from "../canonical";
import { render } from "../findings";
import { beginInterview, correct, resumed } from "../interviews";
import { addressOf, askedIn, isAsked, isDue, nameOf, registryNo, type Entry, type Finding, type Member, type Returned } from "../model";
import { ageOn, Facts, sayDate } from "../show";
import { Button, Screen, useApp } from "../ui";
import { say, textIn } from "../../words";

const HIDDEN = ["registry_no", "address", "phone", "location", "name"];

export function EntryPage({ id }: { id: string }): JSX.Element {
  const { device, go } = useApp();
  const home = device.model.entries.get(id);
  if (!home) return <Screen title="" back>{say("homes.none")}</Screen>;
  const noted = device.replied;
  const open = home.findings.filter((each) => !noted.has(each.id));
  return (
    <Screen
      title={nameOf(home)}
      back
      actions={<Button onClick={() => { go({ page: "visit", id }); }}>{say("visit")}</Button>}
    >
      <Way home={home} />
      <Forms home={home} />
      <section>
        <h2>{say("questions")}</h2>
        {!open.length && <p class="quiet">{say("questions.none")}</p>}
        <ul class="cards">
          {home.findings.map((finding) => <Question key={finding.id} finding={finding} home={home} done={noted.has(finding.id)} />)}
        </ul>
      </section>
      <People home={home} />
      <Failed home={home} />
    </Screen>
  );
}

function Way({ home }: { home: Entry }): JSX.Element {
  const phone = home.facts["phone"] as string | undefined;
  return (
    <section>
      <p class="quiet">{registryNo(home)} · {home.list.title}</p>
      <p>{say("address")}：{addressOf(home) || say("address.none")}</p>
      {phone && <a class="button" href={`tel:${phone}`}>☎ {say("call", { phone })}</a>}
    </section>
  );
}

/** The forms of this visit, then all others that are granted. */
function Forms({ home }: { home: Entry }): JSX.Element {
  const { device } = useApp();
  const forms = device.model.forms.filter((form) => form.subject === home.kind);
  const due = forms.filter((form) => isDue(home, form.formId));
  const others = forms.filter((form) => !due.includes(form));
  const returned = device.returned.filter((each) => each.household === home.id);
  return (
    <section>
      <h2>{say("forms.list")}</h2>
      {returned.map((each) => (
        <div key={each.id} class="card mark">
          <p>{say("returned.why", { reason: each.reason })}</p>
          <Correct interview={each} />
        </div>
      ))}
      {due.map((form) => <Start key={form.formId} home={home} formId={form.formId} />)}
      {others.length > 0 && (
        <details>
          <summary>{say("forms.other")}</summary>
          {others.map((form) => <Start key={form.formId} home={home} formId={form.formId} />)}
        </details>
      )}
    </section>
  );
}

/** Open a returned interview: its answers become a new revision. */
export function Correct({ interview }: { interview: Returned }): JSX.Element {
  const { device, go, tell } = useApp();
  const open = async (): Promise<void> => {
    const draft = await correct(device, interview);
    if (draft) go({ page: "draft", id: draft.id });
    else tell(say("returned.gone"));
  };
  return <Button kind="main" onClick={open}>{say("returned.open")}</Button>;
}

function Start({ home, formId }: { home: Entry; formId: string }): JSX.Element {
  const { device, language, go, tell } = useApp();
  const form = device.model.forms.find((each) => each.formId === formId)!;
  const draft = resumed(device, home.id, formId);
  const last = home.interviews[formId];
  const within = askedIn(home, formId, device.asked);
  const asked = isAsked(within, formId, device.asked);
  const start = async (): Promise<void> => {
    if (!draft && !(await device.form(form.sha256))) return tell(say("form.missing"));
    go({ page: "draft", id: draft?.id ?? beginInterview(device, within, form).id });
  };
  return (
    <div class="row">
      <span>
        {asked && <span class="good">✓ </span>}
        {textIn(form.title, language)}
        {last && <small class="line quiet">{say("form.asked", { day: sayDate(last.on, language) })}</small>}
      </span>
      <Button kind={asked ? "plain" : "main"} onClick={start}>{draft ? say("form.resume") : say("form.start")}</Button>
    </div>
  );
}

function Question({ finding, home, done }: { finding: Finding; home: Entry; done: boolean }): JSX.Element {
  const { device, language, go } = useApp();
  const said = device.templates && render(finding, home, device.templates);
  const unit = device.templates?.units[finding.unit] ?? finding.unit;
  return (
    <li class={`card ${finding.severity}`}>
      <strong>{said ? said.ask || said.title : finding.rule}</strong>
      <span class="line">{said?.text}</span>
      <small class="line quiet">{say("question.due", { unit, day: sayDate(finding.due, language) })}</small>
      {done
        ? <span class="good">✓ {say("reply.sent")}</span>
        : <Button onClick={() => { go({ page: "finding", id: finding.id, home: home.id }); }}>{say("reply")}</Button>}
    </li>
  );
}

function People({ home }: { home: Entry }): JSX.Element {
  const { device, language } = useApp();
  const facts = new Facts(device.model, device.templates, language);
  return (
    <section>
      {home.kind === "household" && (
        <h2>{say("members")} <small>{say("members.count", { count: home.members.filter((each) => !each.left).length })}</small></h2>
      )}
      {home.members.map((member) => <Person key={member.id} member={member} facts={facts} />)}
      <details>
        <summary>{say("ledger")}</summary>
        <Pairs pairs={facts.list(home.kind, home.facts, HIDDEN)} />
        <Rows level="record" rows={home.records} facts={facts} />
      </details>
    </section>
  );
}

function Person({ member, facts }: { member: Member; facts: Facts }): JSX.Element {
  const { device, language } = useApp();
  const sex = member.sex === "1" || member.sex === "2" ? say(`sex.${member.sex}`) : "";
  const age = member.birth_date ? say("member.age", { age: ageOn(member.birth_date, today(device.samples)) }) : "";
  const relation = member.relation ? facts.value("person", "relation", member.relation) : "";
  const about = [relation, sex, age].filter(Boolean).join(" · ");
  if (member.left) return <p class="quiet">{member.name} {say("member.left", { day: sayDate(member.left, language) })}</p>;
  return (
    <details>
      <summary>{member.name ?? member.id.slice(0, 8)} <small class="quiet">{about}</small></summary>
      <Pairs pairs={facts.list("person", member.facts)} />
      <Rows level="spell" rows={member.spells} facts={facts} />
    </details>
  );
}

interface RowsProps {
  level: "spell" | "record";
  rows: Record<string, JsonObject[]> | undefined;
  facts: Facts;
}

/** Spells or records, a line each. */
function Rows({ level, rows, facts }: RowsProps): JSX.Element {
  const { device, language } = useApp();
  const line = (kind: string, row: JsonObject): string => {
    const days = (["start", "end"] as const).flatMap((each) =>
      row[each] ? say(each === "start" ? "since" : "until", { day: sayDate(String(row[each]), language) }) : [],
    );
    const told = facts.list(`${level}:${kind}`, row, ["key", "start", "end"]).map(([, value]) => value);
    return `${device.templates?.records[kind] ?? facts.name(kind)}：${[...days, ...told].join("，")}`;
  };
  return <>{Object.entries(rows ?? {}).flatMap(([kind, listed]) => listed.map((row, at) => <p key={`${kind}/${at}`}>{line(kind, row)}</p>))}</>;
}

function Pairs({ pairs }: { pairs: [string, string][] }): JSX.Element {
  return <dl>{pairs.map(([name, value]) => [<dt key={name}>{name}</dt>, <dd key={`${name}:`}>{value}</dd>])}</dl>;
}

function Failed({ home }: { home: Entry }): JSX.Element | null {
  const { language } = useApp();
  if (!home.visits.length) return null;
  return (
    <section>
      <h2>{say("visits.failed")}</h2>
      <ul>{home.visits.map(([day, outcome]) => <li key={day}>{sayDate(day, language)} {outcomeOf(outcome)}</li>)}</ul>
    </section>
  );
}

const OUTCOMES = ["nobody_home", "refused", "moved_away", "dwelling_empty", "other"] as const;
const AT_A_PLACE: readonly Outcome[] = ["refused", "other"];
type Outcome = (typeof OUTCOMES)[number];

export const outcomeOf = (outcome: string): string =>
  (OUTCOMES as readonly string[]).includes(outcome) ? say(outcome as Outcome) : outcome;

/** Nobody was interviewed: why. */
export function VisitPage({ id, suggested }: { id: string; suggested?: Outcome | undefined }): JSX.Element {
  const { device, back, tell } = useApp();
  const home = device.model.entries.get(id);
  const outcomes = home?.kind !== "household" ? AT_A_PLACE : OUTCOMES;
  const [outcome, setOutcome] = useState<Outcome>(suggested ?? outcomes[0]!);
  const [note, setNote] = useState("");
  const save = async (): Promise<void> => {
    if (!home) return;
    const body = { household: id, round: home.list.round, outcome, note: note.trim() || null, assignment: assignmentOf(home) };
    await device.record({ kind: "visit", body });
    tell(say("visit.saved"));
    back();
  };
  return (
    <Screen title={say("visit")} back actions={<Button kind="main" onClick={save}>{say("save")}</Button>}>
      <fieldset>
        <legend>{say("visit.why")}</legend>
        {outcomes.map((each) => (
          <label key={each} class="choice">
            <input type="radio" name="outcome" checked={outcome === each} onChange={() => { setOutcome(each); }} />
            {say(each)}
          </label>
        ))}
      </fieldset>
      <Note label={say("visit.note")} value={note} onValue={setNote} />
    </Screen>
  );
}

const assignmentOf = (home: Entry): JsonObject => ({ id: home.list.scope, epoch: home.epoch });

/** What the household says about an open finding: a comment of the phone's, which the unit reads. */
export function FindingPage({ id, home: homeId }: { id: string; home: string }): JSX.Element {
  const { device, back, tell } = useApp();
  const home = device.model.entries.get(homeId);
  const finding = home?.findings.find((each) => each.id === id);
  const said = home && finding && device.templates ? render(finding, home, device.templates) : null;
  const [note, setNote] = useState("");
  const [fault, setFault] = useState("");
  useEffect(() => {
    setFault("");
  }, [note]);
  const save = async (): Promise<void> => {
    if (!note.trim()) return setFault(say("reply.empty"));
    await device.record({ kind: "reply", body: { household: homeId, finding: id, action: "comment", note: note.trim() } });
    tell(say("reply.sent"));
    back();
  };
  return (
    <Screen title={say("reply")} back actions={<Button kind="main" onClick={save}>{say("save")}</Button>}>
      <p><strong>{said?.ask || said?.title}</strong></p>
      <p>{said?.text}</p>
      <Note label={say("reply.note")} value={note} onValue={setNote} />
      <p role="alert">{fault}</p>
    </Screen>
  );
}

function Note({ label, value, onValue }: { label: string; value: string; onValue: (value: string) => void }): JSX.Element {
  return (
    <label class="field">
      <span>{label}</span>
      <textarea rows={4} maxLength={500} value={value} onInput={(event) => { onValue(event.currentTarget.value); }} />
    </label>
  );
}
