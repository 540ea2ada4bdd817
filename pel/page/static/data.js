import { el, facts, fill } from "./dom.js";
import { moment, NOTHING, number, percent } from "./format.js";
import { table } from "./table.js";

const FIGURES = {
  hours: (value) => (value < 2 ? `${number(value * 60)} minutes` : value < 48 ? `${number(value, 1)} hours` : `${number(value / 24, 1)} days`),
  ratio: percent,
  log10_dollars: (value) => `${number(value, 3)} log10`,
};

function figure(row) {
  return FIGURES[row.unit]?.(row.value) ?? `${number(row.value)} ${row.unit}`;
}

function duration(row) {
  if (!row.finished_at) return NOTHING;
  const seconds = (new Date(row.finished_at) - new Date(row.started_at)) / 1000;
  return seconds < 120 ? `${number(seconds, 0)} s` : `${number(seconds / 60, 0)} min`;
}

const STATES = { succeeded: "good", failed: "bad" };

fill("health", {}, (body, rows) => {
  const one = (metric) => rows.find((row) => row.metric === metric);
  const top = [["Films", one("films")], ["Source last read", one("ingest_age")], ["Forecasts published", one("forecast_age")], ["Champion fitted", one("champion_age")]];
  body.append(
    facts(top.filter(([, row]) => row).map(([title, row]) => [title, row.unit === "hours" ? `${figure(row)} ago` : number(row.value)])),
    table({
      caption: "What is watched; `pel metrics` tells Prometheus the same",
      columns: [
        { title: "What", value: (row) => row.meaning, text: (row) => row.meaning },
        { title: "Of", wide: true, value: (row) => row.about, text: (row) => row.about || NOTHING },
        { title: "Value", number: true, text: figure },
      ],
      rows,
    }),
  );
});

fill("arrivals", {}, (body, rows) => {
  body.append(table({
    caption: "Reads of sources, the newest first",
    columns: [
      { title: "When", value: (row) => row.started_at, text: (row) => moment(row.started_at) },
      { title: "Source", value: (row) => row.source, text: (row) => row.source },
      { title: "State", value: (row) => row.state, text: (row) => el("span", { class: `chip ${STATES[row.state] ?? ""}`, title: row.error }, row.state) },
      { title: "New", number: true, value: (row) => row.films_new, text: (row) => number(row.films_new) },
      { title: "Changed", number: true, wide: true, value: (row) => row.films_changed, text: (row) => number(row.films_changed) },
      { title: "Set aside", number: true, wide: true, value: (row) => row.rejected, text: (row) => number(row.rejected) },
      { title: "Took", number: true, wide: true, text: duration },
      { title: "Error", wide: true, text: (row) => row.error ?? "" },
    ],
    rows,
  }));
});

fill("rejects", {}, (body, rows) => {
  body.append(table({
    caption: "Records set aside, by source and reason",
    columns: [
      { title: "Reason", value: (row) => row.reason, text: (row) => row.reason },
      { title: "Source", value: (row) => row.source, text: (row) => row.source },
      { title: "Records", number: true, value: (row) => row.records, text: (row) => number(row.records) },
      { title: "Last seen", wide: true, value: (row) => row.last_seen_at, text: (row) => moment(row.last_seen_at) },
    ],
    rows,
    sort: 2,
    search: { label: "Search the reasons", of: (row) => `${row.reason} ${row.source}` },
  }));
});
