/**
 * The phone's verdict on answer sets: reads {today, forms: [{document, answers: [...]}]} from stdin, writes for each
 * answer set [taken by the validator, checks that fail as "code pointer", what the renderer would hand over].
 */
import { text } from "node:stream/consumers";
import { close, load } from "./load.mjs";

const { formOf, judgeWhole, settler } = await load("/form/index.ts");

const pointer = (path) => path.map((part) => `/${part}`).join("");

function verdicts({ document, answers }, today) {
  const form = formOf(document);
  const settle = settler(form, today);
  return answers.map((given) => {
    const taken = form.judge.accepts(given);
    if (typeof given !== "object" || given === null || Array.isArray(given)) return [taken, [], null];
    const node = settle(given);
    const context = { form, today, root: node.answers, language: "zh-Hans" };
    const checks = judgeWhole(context, node).filter((issue) => issue.code.startsWith("check:"));
    return [taken, checks.map((issue) => `${issue.code} ${pointer(issue.path)}`).sort(), node.answers];
  });
}

const { today, forms } = JSON.parse(await text(process.stdin));
process.stdout.write(JSON.stringify(forms.map((form) => verdicts(form, today))));
await close();
