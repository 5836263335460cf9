/** A model as anywidget hands it over, without a kernel. @param {Record<string, any>} state */
export function fakeModel(state) {
  /** @type {Map<string, Function[]>} */
  const listeners = new Map();
  const tell = (/** @type {string} */ name, /** @type {any[]} */ ...values) => {
    for (const act of [...(listeners.get(name) ?? [])]) act(...values);
  };
  return {
    sent: /** @type {any[]} */ ([]),
    get: (/** @type {string} */ key) => state[key],
    set(/** @type {string} */ key, /** @type {any} */ value) {
      state[key] = value;
      tell(`change:${key}`);
    },
    save_changes() {},
    send(/** @type {any} */ message) {
      this.sent.push(message);
    },
    on: (/** @type {string} */ name, /** @type {Function} */ act) => listeners.set(name, [...(listeners.get(name) ?? []), act]),
    off: (/** @type {string} */ name, /** @type {Function} */ act) =>
      listeners.set(name, (listeners.get(name) ?? []).filter((one) => one !== act)),
    listeners: () => [...listeners.values()].flat().length,
    tell,
  };
}
