/** Questions to the kernel that leave no trace in the notebook: silent, no history, no output. */

const MODULE = '__import__("jina_notebook.widgets.panel", fromlist=["state"])';

/** The call as Python reads it; arguments are texts. @param {string} name @param {string[]} given */
export function expression(name, given = []) {
  return `${MODULE}.${name}(${given.map((one) => JSON.stringify(one)).join(", ")})`;
}

/** What the kernel answers, or why it does not. @param {any} content a reply to an execute request */
export function answer(content) {
  const given = content?.user_expressions?.answer;
  if (given?.status === "ok") return { state: given.data["application/json"], fault: "" };
  const name = given?.ename ?? content?.ename ?? "";
  const missing = name === "ModuleNotFoundError";
  return { state: null, fault: missing ? "This kernel has no jina-notebook." : given?.evalue || "The kernel did not answer." };
}

/** @param {any} kernel @param {string} name @param {string[]} [given] */
export async function ask(kernel, name, given = []) {
  const future = kernel.requestExecute({
    code: "",
    silent: true,
    store_history: false,
    allow_stdin: false,
    stop_on_error: false,
    user_expressions: { answer: expression(name, given) },
  });
  return answer((await future.done).content);
}
