import { expect, test } from "vitest";
import vectors from "../../forms/expressions.vectors.json";
import { equal, ExpressionError, parse } from "./expressions";
import type { Json } from "./types";

const data = vectors.data as Json;

test.each(vectors.vectors as { name: string; expression: Json; gives: Json; root?: Json }[])("$name", (vector) => {
  const given = parse(vector.expression).run({ data, root: vector.root ?? data, today: vectors.today });
  expect(equal(given, vector.gives), `${JSON.stringify(given)} is not ${JSON.stringify(vector.gives)}`).toBe(true);
});

test.each(vectors.refused as { name: string; expression: Json }[])("refused: $name", (vector) => {
  expect(() => parse(vector.expression)).toThrow(ExpressionError);
});
