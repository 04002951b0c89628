/**
 * What the phone shows of the ledger when an interview begins: reads {forms: [document], homes: [{id, row}]} from stdin,
 * writes for each form the questions that have a starting value in some household, and those that could have one; rows
 * of repeats as "*".
 */
import { text } from "node:stream/consumers";
import { close, load } from "./load.mjs";

const { formOf } = await load("/form/index.ts");
const { knownAt, startDraft } = await load("/form/draft.ts");
const { knownOf } = await load("/phone/known.ts");

function* started(form, draft, known, holder, path, answers, name) {
  const here = knownAt(form, draft, known, path);
  for (const question of holder.questions) {
    const at = `${name}/${question.name}`;
    if (question.prefill) yield [at, (here?.facts[question.prefill.fact] ?? null) !== null];
    if (!question.inner) continue;
    const inner = answers?.[question.name];
    if (question.widget !== "repeat") yield* started(form, draft, known, question.inner, [...path, question.name], inner, at);
    // A row that is not there shows which questions there are.
    else for (const [row, each] of [...(inner ?? []), undefined].entries()) {
      yield* started(form, draft, known, question.inner, [...path, question.name, row], each, `${at}/*`);
    }
  }
}

const { forms, homes } = JSON.parse(await text(process.stdin));
const told = await Promise.all(homes.map(({ id, row }) => knownOf({ members: [], ...row, id, kind: "household" })));
const result = forms.map((document) => {
  const form = formOf(document);
  const [all, shown] = [new Set(), new Set()];
  for (const known of told) {
    const draft = startDraft(form, known, () => crypto.randomUUID());
    for (const [at, has] of started(form, draft, known, form.root, [], draft, "")) {
      all.add(at);
      if (has) shown.add(at);
    }
  }
  return { all: [...all].sort(), shown: [...shown].sort() };
});
process.stdout.write(JSON.stringify(result));
await close();
