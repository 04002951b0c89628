// Swagger UI 4 reads OpenAPI 3.0 only, so the page shows the 3.1 document in the words of 3.0.
"use strict";

function inWordsOf30(node) {
  if (Array.isArray(node)) return node.map(inWordsOf30);
  if (node === null || typeof node !== "object") return node;
  const copy = {};
  for (const [name, child] of Object.entries(node)) copy[name] = inWordsOf30(child);
  if (Array.isArray(copy.type)) {
    const kinds = copy.type.filter((kind) => kind !== "null");
    if (kinds.length < copy.type.length) copy.nullable = true;
    if (kinds.length === 1) copy.type = kinds[0];
    else delete copy.type;
  }
  if ("const" in copy) {
    copy.enum = [copy.const];
    delete copy.const;
  }
  return copy;
}

fetch("/api/v1/openapi.json")
  .then((answer) => answer.json())
  .then((document31) => {
    const spec = { ...inWordsOf30(document31), openapi: "3.0.3" };
    SwaggerUIBundle({ spec, dom_id: "#page", deepLinking: true, validatorUrl: null });
  })
  .catch((error) => {
    document.getElementById("page").textContent = "The document could not be read: " + error;
  });
