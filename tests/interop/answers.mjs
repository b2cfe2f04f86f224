// What a client answers when a server asks it in the middle of a call.

/** What is filled into the fields of a form that propose nothing, by their names. */
const FORM = { name: "Ada", ok: true, response: "fine", context: "a test", color: "blue" };

/** Installs an answer for everything that can be asked; returns the list of what was, as it grows. */
export function answering(install) {
  const asked = [];
  const on = (method, answer) =>
    install(method, ({ params }) => {
      asked.push(method);
      return answer(params);
    });
  on("elicitation/create", ({ requestedSchema }) => ({
    action: "accept",
    content: filledIn(requestedSchema.properties),
  }));
  on("sampling/createMessage", () => ({
    role: "assistant",
    content: { type: "text", text: "Paris" },
    model: "none",
  }));
  on("roots/list", () => ({ roots: [{ uri: "file:///home/ada", name: "home" }] }));
  return asked;
}

/** The form with these fields, filled in. */
function filledIn(fields) {
  return Object.fromEntries(
    Object.entries(fields).map(([name, schema]) => [name, answer(name, schema)]),
  );
}

/** The answer for one field: what it proposes, or else something of the right type. */
function answer(name, schema) {
  if (schema.default !== undefined) {
    return schema.default;
  }
  if (schema.type === "array") {
    return [choices(schema.items)[0]];
  }
  return choices(schema)[0] ?? FORM[name];
}

/** What may be chosen, in each of the ways in which a schema can say it. */
function choices(schema) {
  return schema.enum ?? (schema.oneOf ?? schema.anyOf ?? []).map((choice) => choice.const);
}
