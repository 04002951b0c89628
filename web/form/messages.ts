/** The form view's own words, and texts of forms in the language they are asked in. */
import { say as word, textIn, type Values, type Word } from "../words";

export type Message = Word extends infer Each ? (Each extends `form.${infer Name}` ? Name : never) : never;

export const say = (message: Message, values?: Values): string => word(`form.${message}` as Word, values);
export { textIn };
