import { el, fill, filmLink } from "./dom.js";
import { dollarAxis, narrow, place, plain } from "./charts.js";
import { day, dollars, number, percent, range } from "./format.js";
import { table } from "./table.js";

const COLUMNS = [
  { title: "Film", value: (row) => row.title, text: (row) => filmLink(row.film_id, row.title) },
  { title: "Release", tight: true, value: (row) => row.release_date, text: (row) => day(row.release_date, row.release_precision) },
  { title: "Forecast", number: true, value: (row) => row.predicted_dollars, text: (row) => dollars(row.predicted_dollars) },
  { title: "4 of 5 make", number: true, wide: true, text: (row) => range(row.low_80_dollars, row.high_80_dollars) },
  { title: "Makes $100M", number: true, wide: true, value: (row) => row.passes_100m, text: (row) => percent(row.passes_100m) },
  { title: "Makes its budget", number: true, wide: true, value: (row) => row.passes_budget, text: (row) => percent(row.passes_budget) },
  { title: "Rating", number: true, wide: true, value: (row) => row.predicted_rating, text: (row) => number(row.predicted_rating, 1) },
];

function hover(row) {
  return `<b>${plain(row.title)}</b><br>${day(row.release_date, row.release_precision)}<br>` +
    `${dollars(row.predicted_dollars)} (${range(row.low_80_dollars, row.high_80_dollars)})`;
}

function trace(rows, x, axis, colour) {
  return {
    type: "scatter", mode: "markers", xaxis: axis, x, y: rows.map((row) => row.predicted_dollars),
    error_y: {
      type: "data", symmetric: false, thickness: 3, width: 0, color: colour.accentMid,
      array: rows.map((row) => (row.high_80_dollars ?? row.predicted_dollars) - row.predicted_dollars),
      arrayminus: rows.map((row) => row.predicted_dollars - (row.low_80_dollars ?? row.predicted_dollars)),
    },
    marker: { size: 8, color: colour.accent, line: { color: colour.ground, width: 1 } },
    customdata: rows.map((row) => row.film_id), hovertext: rows.map(hover), hoverinfo: "text",
  };
}

/** The largest of the films: by their date, and beside them those of which only the year is known. */
function timeline(rows, colour) {
  const shown = rows.slice(0, narrow() ? 24 : 60);
  const dated = shown.filter((row) => row.release_precision !== "year");
  const others = shown.filter((row) => row.release_precision === "year").sort((a, b) => a.release_date.localeCompare(b.release_date));
  const split = others.length ? Math.min(0.85, Math.max(0.15, dated.length / shown.length)) : 1;
  const lows = shown.map((row) => row.low_80_dollars ?? row.predicted_dollars);
  const highs = shown.map((row) => row.high_80_dollars ?? row.predicted_dollars);
  const years = [...new Set(others.map((row) => row.release_date.slice(0, 4)))];
  const middle = (year) => {
    const places = others.map((row, place) => (row.release_date.startsWith(year) ? place : null)).filter((place) => place != null);
    return (places[0] + places.at(-1)) / 2;
  };
  return {
    height: narrow() ? 320 : 400,
    traces: [
      trace(dated, dated.map((row) => row.release_date), "x", colour),
      trace(others, others.map((_, place) => place), "x2", colour),
    ],
    layout: {
      xaxis: { type: "date", domain: [0, Math.max(0.05, split - 0.03)], showgrid: false, nticks: narrow() ? 3 : 10, hoverformat: " " },
      xaxis2: {
        domain: [split, 1], showgrid: false, range: [-1, others.length], visible: others.length > 0,
        tickvals: years.map(middle), ticktext: years.map((year) => `some day in ${year}`),
      },
      yaxis: dollarAxis(Math.min(...lows), Math.max(...highs)),
    },
  };
}

fill("upcoming", {}, (body, rows) => {
  const open = (filmId) => location.assign(`film?film_id=${filmId}`);
  let left = rows;
  body.append(el("p", { class: "lead" },
    `${rows.length} films, as known on ${day(rows[0].as_of)}. A bar is the range that holds four films in five; ` +
    `the chart shows the largest of the films below.`));
  const redraw = place(body, "Forecast box office of the largest upcoming films by release date, with 80 % ranges; the table below has the figures.",
    (colour) => timeline(left, colour), open);
  const known = (column) => !column.value || rows.some((row) => column.value(row) != null);
  body.append(table({
    caption: "Upcoming films with their forecasts",
    columns: COLUMNS.filter(known),
    rows,
    sort: 2,
    search: { label: "Search by title", of: (row) => row.title },
    onfilter: (found) => {
      left = found;
      redraw();
    },
  }));
});
