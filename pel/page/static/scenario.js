// What if it opened on another day, or cost something else? The question is a row; its answer is waited for.

import { el, fill, request, rows } from "./dom.js";
import { day, dollars, factor, NOTHING, range } from "./format.js";
import { table } from "./table.js";

const EVERY_SECONDS = 3;
const PATIENCE_SECONDS = 900;
const DAY = 86_400_000;
const [LEAST, MOST] = [1e5, 5e8];

const later = (iso, days) => new Date(Date.parse(iso) + days * DAY).toISOString().slice(0, 10);
const pause = (seconds) => new Promise((go) => setTimeout(go, seconds * 1000));

/** A slider that leaves things as they are until it is moved. */
function slider({ id, label, min, max, step, start, told }) {
  const output = el("output", { for: id }, "as it is");
  const input = el("input", { type: "range", id, min, max, step, value: start, "aria-describedby": `${id}-ends`,
    oninput: () => {
      input.dataset.moved = "true";
      output.textContent = told(Number(input.value));
      input.setAttribute("aria-valuetext", output.textContent);
    } });
  input.setAttribute("aria-valuetext", "as it is");
  const ends = el("span", { id: `${id}-ends`, class: "note" }, `${told(min)} to ${told(max)}`);
  return { input, element: el("div", {}, el("label", { for: id }, label, output), input, ends) };
}

function form(film, budget, onask) {
  const own = Math.round((Date.parse(film.release_date) - Date.parse(film.as_of)) / DAY);
  const date = slider({ id: "date", label: "Release date", min: 1, max: 365, step: 1, start: Math.min(365, Math.max(1, own)),
    told: (days) => day(later(film.as_of, days)) });
  const [least, most] = [Math.log10(LEAST), Math.log10(MOST)];
  const money = slider({ id: "budget", label: "Budget", min: least, max: most, step: 0.01, start: Math.log10(budget ?? 3e7),
    told: (power) => dollars(10 ** power) });
  const status = el("p", { class: "told", role: "status", hidden: true });
  const button = el("button", { type: "submit", class: "ask" }, "Forecast it");
  const element = el("form", {}, date.element, money.element, el("div", {}, button), status);
  element.addEventListener("submit", async (event) => {
    event.preventDefault();
    const question = {
      film_id: film.film_id,
      release_date: date.input.dataset.moved ? later(film.as_of, Number(date.input.value)) : null,
      budget: money.input.dataset.moved ? Math.round(10 ** Number(money.input.value)) : null,
    };
    status.hidden = false;
    if (question.release_date == null && question.budget == null) {
      status.textContent = "Move a slider first: as it is, the film has its forecast.";
      return;
    }
    button.disabled = true;
    try {
      await onask(question, (text) => (status.textContent = text));
    } catch (error) {
      status.textContent = error.message;
    } finally {
      button.disabled = false;
    }
  });
  return element;
}

function asked(list) {
  if (!list.length) return el("p", { class: "note" }, "Nobody asked about this film yet.");
  return table({
    caption: "What was asked about this film",
    columns: [
      { title: "Release", text: (row) => (row.release_date ? day(row.release_date) : "as it is") },
      { title: "Budget", number: true, text: (row) => (row.budget == null ? "as it is" : dollars(row.budget)) },
      { title: "Forecast", number: true, text: (row) => (row.scored_at ? row.error ?? dollars(row.predicted_dollars) : "waits") },
      { title: "4 of 5 make", number: true, wide: true, text: (row) => range(row.low_80_dollars, row.high_80_dollars) },
      { title: "Against as it is", number: true, text: (row) => (row.factor == null ? NOTHING : factor(row.factor)) },
    ],
    rows: list,
  });
}

function said(row) {
  if (row.factor === 1) return "The forecast stays as it is: the model has learned nothing from what you changed.";
  return `${dollars(row.predicted_dollars)}, ${factor(row.factor)} of what it would make as it is; ` +
    `four films of five make ${range(row.low_80_dollars, row.high_80_dollars)}.`;
}

async function answered(filmId, scenarioId, tell) {
  for (let waited = 0; waited < PATIENCE_SECONDS; waited += EVERY_SECONDS) {
    const row = (await rows("scenarios", { film_id: filmId })).find((one) => one.scenario_id === scenarioId);
    if (row?.scored_at) return row;
    tell("Asked. score_scenarios answers every five minutes; you may leave, the answer stays here.");
    await pause(EVERY_SECONDS);
  }
  throw new Error("No answer yet. Is the DAG score_scenarios paused or red in Airflow? The question is kept.");
}

/** Fills the section: the form for a film that is upcoming, and what was asked so far. */
export function askWhatIf(filmId, film) {
  const list = el("div");
  const show = (found) => list.replaceChildren(asked(found));
  return fill("scenarios", { film_id: filmId }, (body, found) => {
    show(found);
    if (film?.is_upcoming) {
      body.append(form(film, film.known_budget, async (question, tell) => {
        const { scenario_id: scenarioId } = await request("scenarios", { method: "POST", body: JSON.stringify(question) });
        const row = await answered(filmId, scenarioId, tell);
        tell(row.error ?? said(row));
        show(await rows("scenarios", { film_id: filmId }));
      }));
    }
    body.append(list);
  });
}
