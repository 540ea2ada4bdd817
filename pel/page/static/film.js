import { el, fill, filmLink } from "./dom.js";
import { dollarAxis, narrow, place } from "./charts.js";
import { day, dollars, factor, miss, number, percent, range } from "./format.js";
import { rangeBar } from "./rangebar.js";
import { askWhatIf } from "./scenario.js";
import { table } from "./table.js";
import { drivers } from "./waterfall.js";

const MARKS = [["$10M", "passes_10m"], ["$50M", "passes_50m"], ["$100M", "passes_100m"], ["$500M", "passes_500m"], ["its budget", "passes_budget"]];
const FACTS = { budget: "Budget", directors: "Directed by", cast: "Cast", genres: "Genres", companies: "Companies", overview: "Story" };

const filmId = new URLSearchParams(location.search).get("film_id") ?? "";

function chances(row) {
  const known = MARKS.filter(([, column]) => row[column] != null);
  return table({
    caption: "How probable it is that the film makes more than",
    columns: [
      { title: "More than", text: ([mark]) => mark },
      { title: "Probability", number: true, text: ([, column]) => el("span", {}, percent(row[column]), bar(row[column])) },
    ],
    rows: known,
  });
}

function bar(share) {
  const inside = el("i");
  inside.style.width = `${share * 100}%`;
  return el("span", { class: "bar", "aria-hidden": "true" }, inside);
}

function ranges(row) {
  const kinds = [["50 %", "in50", row.low_50_dollars, row.high_50_dollars], ["80 %", "in80", row.low_80_dollars, row.high_80_dollars],
    ["95 %", "in95", row.low_95_dollars, row.high_95_dollars]];
  return table({
    caption: "What so many of such films make",
    columns: [
      { title: "Of films", text: ([share, name]) => el("span", {}, el("span", { class: `key ${name}`, "aria-hidden": "true" }), share) },
      { title: "From", number: true, text: ([, , low]) => dollars(low) },
      { title: "To", number: true, text: ([, , , high]) => dollars(high) },
    ],
    rows: kinds.filter(([, , low]) => low != null),
  });
}

function head(body, row) {
  document.getElementById("film-title").textContent = row.title;
  document.title = `${row.title} · Forecasts`;
  const made = row.actual_dollars;
  const rating = row.predicted_rating == null ? null : ` · rated about ${number(row.predicted_rating, 1)} of 10`;
  body.append(
    el("p", { class: "lead" }, `Release: ${day(row.release_date, row.release_precision)} · forecast as of ${day(row.as_of)}`, rating),
    el("div", { class: "answer" },
      el("div", {},
        el("p", { class: "big" }, dollars(row.predicted_dollars),
          el("small", {}, row.low_80_dollars == null ? "box office; made before ranges were kept" :
            `box office; four films of five make ${range(row.low_80_dollars, row.high_80_dollars)}`)),
        row.low_95_dollars == null ? null : rangeBar(row),
        made == null ? null : el("p", { class: "told" }, `It made ${dollars(made)}: the forecast was ${miss(row.error_log10)}.`),
        row.low_95_dollars == null ? null : ranges(row)),
      row.passes_10m == null ? null : el("div", {}, chances(row))),
  );
}

fill("film", { film_id: filmId }, (body, [row]) => head(body, row)).then(([row]) => {
  if (!row) document.title = "No such film · Forecasts";
  askWhatIf(filmId, row);
});

fill("drivers", { film_id: filmId }, drivers);

fill("similar", { film_id: filmId }, (body, rows) => {
  body.append(table({
    caption: "Similar films and what they made",
    columns: [
      { title: "Film", value: (row) => row.similar_title, text: (row) => filmLink(row.similar_film_id, row.similar_title) },
      { title: "Release", tight: true, wide: true, value: (row) => row.similar_release_date, text: (row) => day(row.similar_release_date) },
      { title: "Alike", number: true, value: (row) => row.similarity, text: (row) => percent(row.similarity) },
      { title: "Made", number: true, value: (row) => row.actual_dollars, text: (row) => dollars(row.actual_dollars) },
    ],
    rows,
    sort: 2,
  }));
});

fill("history", { film_id: filmId }, (body, rows) => {
  if (rows.length > 1) place(body, "How the forecast moved; the table below has the figures.", (colour) => movement(rows, colour));
  else body.append(el("p", { class: "note" }, "One forecast so far; the line begins with the second."));
  body.append(table({
    caption: "Forecasts of this film, by the day from which they look",
    columns: [
      { title: "As of", tight: true, value: (row) => row.as_of, text: (row) => day(row.as_of) },
      { title: "Days ahead", number: true, wide: true, value: (row) => row.days_to_release, text: (row) => number(row.days_to_release) },
      { title: "Forecast", number: true, value: (row) => row.predicted_dollars, text: (row) => dollars(row.predicted_dollars) },
      { title: "4 of 5 make", number: true, wide: true, text: (row) => range(row.low_80_dollars, row.high_80_dollars) },
      { title: "Change", number: true, value: (row) => row.change_factor, text: (row) => factor(row.change_factor) },
    ],
    rows,
  }));
});

function movement(rows, colour) {
  const x = rows.map((row) => row.as_of);
  const line = (column, special) => ({ type: "scatter", mode: "lines", x, y: rows.map((row) => row[column]), hoverinfo: "skip", line: { width: 0 }, ...special });
  const all = rows.flatMap((row) => [row.low_80_dollars, row.high_80_dollars, row.predicted_dollars]).filter((value) => value != null);
  return {
    height: 260,
    traces: [
      line("low_80_dollars", {}),
      line("high_80_dollars", { fill: "tonexty", fillcolor: colour.accentSoft }),
      line("predicted_dollars", {
        mode: "lines+markers", line: { color: colour.accent, width: 2 }, marker: { size: 7 }, hoverinfo: "text",
        hovertext: rows.map((row) => `${day(row.as_of)}: ${dollars(row.predicted_dollars)}`),
      }),
    ],
    layout: { xaxis: { type: "date", showgrid: false, nticks: narrow() ? 3 : 6 }, yaxis: dollarAxis(Math.min(...all), Math.max(...all)) },
  };
}

fill("facts", { film_id: filmId }, (body, rows) => {
  const order = Object.keys(FACTS);
  const sorted = [...rows].sort((one, other) => order.indexOf(one.field) - order.indexOf(other.field));
  const entries = sorted.map((row) => [row, told(row)]).filter(([, text]) => text);
  body.append(el("dl", { class: "listed" }, ...entries.flatMap(([row, text]) => [el("dt", {}, FACTS[row.field]), el("dd", {}, text)])));
});

/** A list of names, of which there may be hundreds, or a figure. */
function told({ field, value }) {
  if (field === "budget") return dollars(Number(value));
  let said = value;
  try {
    said = JSON.parse(value);
  } catch {
    return value;
  }
  if (!Array.isArray(said)) return String(said);
  const names = said.map((one) => one.name ?? one.person ?? String(one));
  return names.length > 12 ? `${names.slice(0, 12).join(", ")} and ${names.length - 12} more` : names.join(", ");
}
