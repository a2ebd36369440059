"use strict";
// The page's state in its address, so that a copy of the address opens the same page, and Back goes back. The fragment is
// the place, which links set; the query says what differs from the page as it opens. Whoever has such a state keeps it here.
const address = (() => {
  const keepers = [];
  // What the reader is typing in: one entry of the history, however many letters.
  let typedIn = null;

  function asked(names) {
    const query = new URLSearchParams(location.search);
    return Object.fromEntries(names.map((name) => [name, query.get(name)]));
  }
  const differs = (one, other) => Object.keys(one).some((name) => one[name] !== other[name]);

  // show(values) takes up the values of these names, null for as the page opens; it returns false if it does not know one.
  function keep(names, show) {
    const keeper = { names, show, values: Object.fromEntries(names.map((name) => [name, null])) };
    keepers.push(keeper);
    take(keeper);
  }
  function take(keeper) {
    const values = asked(keeper.names);
    if (!differs(values, keeper.values)) return;
    keeper.values = values;
    const isKnown = keeper.show(values) !== false;
    const notice = document.getElementById("address-missing");
    if (!isKnown && notice) notice.hidden = false;
  }
  addEventListener("popstate", () => {
    typedIn = null;
    keepers.forEach(take);
  });

  // What the reader has set. how.typing: the name of the field that is typed in; how.silent: it follows from what the
  // address says already; how.place: the fragment, if the one that is there does not fit any more.
  function set(values, how = {}) {
    const { typing = null, silent = false, place = location.hash } = how;
    const keeper = keepers.find(({ names }) => names.includes(Object.keys(values)[0]));
    if (!differs(values, keeper.values)) return;
    Object.assign(keeper.values, values);
    const to = new URL(location);
    for (const [name, value] of Object.entries(values)) {
      if (value === null) to.searchParams.delete(name);
      else to.searchParams.set(name, value);
    }
    to.hash = place;
    const isSame = silent || (typing !== null && typing === typedIn);
    history[isSame ? "replaceState" : "pushState"](null, "", to);
    typedIn = typing;
  }

  // The named controls of a form, as `prefix.name`; what they are when this is called is how the page opens. A menu's
  // options are known by their data-name or value. more: [name, read, write] of what else belongs to it; changed: the
  // reader has gone to another state, and the controls show it.
  function keepForm(form, prefix, changed, more = []) {
    const key = (name) => `${prefix}.${name}`;
    const optionName = (option) => option.dataset.name ?? option.value;
    const of = (control) => {
      if (control.type === "checkbox") {
        return { read: () => (control.checked ? "yes" : ""), write: (value) => { control.checked = value === "yes"; return true; } };
      }
      if (control.options) {
        return {
          read: () => (control.selectedIndex < 0 ? "" : optionName(control.selectedOptions[0])),
          write(value) {
            const at = [...control.options].findIndex((option) => optionName(option) === value);
            if (at >= 0) control.selectedIndex = at;
            return at >= 0;
          },
        };
      }
      return { read: () => control.value, write: (value) => { control.value = value; return control.value === value; } };
    };
    const controls = [...form.elements].filter(({ name, type }) => name && type !== "button");
    const parts = new Map([
      ...controls.map((control) => [key(control.name), of(control)]),
      ...more.map(([name, read, write]) => [key(name), { read, write }]),
    ]);
    const opens = new Map([...parts].map(([name, { read }]) => [name, read()]));
    keep([...parts.keys()], (values) => {
      const known = [...parts].map(([name, { write }]) => write(values[name] ?? opens.get(name)));
      changed();
      return !known.includes(false);
    });
    // Says what the controls are now.
    return (how) => set(Object.fromEntries([...parts].map(([name, { read }]) => {
      const value = read();
      return [name, value === opens.get(name) ? null : value];
    })), how);
  }

  return { keep, keepForm, set };
})();
