/** The renderer of form versions. It knows nothing of the app around it: answers go in, answers come out. */
export { answerAt, startDraft, withAnswer } from "./draft";
export { equal, ExpressionError, parse } from "./expressions";
export { FormView, REVIEW, type FormViewProps } from "./FormView";
export { judgeWhole, type Context } from "./issues";
export { formOf, type Form, type Question } from "./model";
export { settler, type Node } from "./settle";
export { shown } from "./show";
export { KEPT } from "./types";
export type { Answers, FormSchema, Issue, Json, Known, Language, Path, Position, Texts } from "./types";
export type { Services } from "./ui";
