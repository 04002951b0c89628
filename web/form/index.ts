/** The renderer of form versions. It knows nothing of the app around it: answers go in, answers come out. */
export type { Answers, FormSchema } from "./types";
