// Tables that are sorted by their headers and searched by a field.

import { el } from "./dom.js";

const STEP = 50;

/**
 * A table. A column has a title and text(row), a string or an element; also, if it applies, value(row) to sort by,
 * number for figures, tight for what
 * is not to be broken, and wide for what small screens leave out. onfilter(rows) hears what the search left.
 */
export function table({ caption, columns, rows, sort = 0, descending = true, search = null, onfilter = () => {} }) {
  const state = { sort, descending, shown: STEP, left: rows };
  const body = el("tbody");
  const count = el("p", { class: "count", role: "status" });
  const more = el("button", { type: "button", class: "more", onclick: () => show(state.shown + 4 * STEP) });
  const headers = columns.map((column, index) => header(column, () => sortBy(index)));

  function header(column, onclick) {
    const inside = column.value ? el("button", { type: "button", onclick }, column.title) : column.title;
    return el("th", { scope: "col", class: classes(column) }, inside);
  }

  function classes(column) {
    return [column.number && "number", column.tight && "tight", column.wide && "wide"].filter(Boolean).join(" ") || null;
  }

  function sortBy(index) {
    state.descending = index === state.sort ? !state.descending : Boolean(columns[index].number);
    state.sort = index;
    show(STEP);
  }

  function sorted() {
    const { value } = columns[state.sort];
    if (!value) return state.left;
    const sign = state.descending ? -1 : 1;
    return [...state.left].sort((one, other) => {
      const [a, b] = [value(one), value(other)];
      if (a == null || b == null) return (a == null) - (b == null);
      return sign * (typeof a === "string" ? a.localeCompare(b) : a - b);
    });
  }

  function show(limit) {
    state.shown = limit;
    headers.forEach((cell, index) => {
      if (!columns[index].value) return;
      if (index === state.sort) cell.setAttribute("aria-sort", state.descending ? "descending" : "ascending");
      else cell.removeAttribute("aria-sort");
    });
    const lines = sorted().slice(0, limit).map((row) =>
      el("tr", {}, ...columns.map((column) => el("td", { class: classes(column) }, column.text(row)))),
    );
    body.replaceChildren(...lines);
    const total = state.left.length;
    count.textContent = `${Math.min(limit, total)} of ${total}`;
    more.textContent = `Show ${Math.min(4 * STEP, total - limit)} more`;
    more.hidden = total <= limit;
    count.hidden = !search && total <= STEP;
  }

  function filter(words) {
    const wanted = words.toLocaleLowerCase().split(/\s+/).filter(Boolean);
    state.left = rows.filter((row) => wanted.every((word) => search.of(row).toLocaleLowerCase().includes(word)));
    show(STEP);
    onfilter(state.left);
  }

  const field = search && el("input", { type: "search", placeholder: search.label, "aria-label": search.label,
    oninput: (event) => filter(event.target.value) });
  show(STEP);
  return el("div", { class: "table" },
    search ? el("div", { class: "tools" }, field, count) : null,
    el("table", {}, el("caption", {}, caption), el("thead", {}, el("tr", {}, ...headers)), body),
    search ? null : count,
    more,
  );
}
