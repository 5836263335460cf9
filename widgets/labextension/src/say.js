/** Translates what people read; without a language pack it stays English. @param {any} translator */
export function speaker(translator) {
  const bundle = translator?.load("jina_notebook");
  return (/** @type {string} */ text) => (bundle ? bundle.__(text) : text);
}
