import { el, facts, fill, filmLink } from "./dom.js";
import { dollarAxis, place, plain } from "./charts.js";
import { day, dollars, factor, miss, number, percent } from "./format.js";
import { table } from "./table.js";

function summary(rows) {
  const misses = rows.map((row) => Math.abs(row.error_log10)).sort((a, b) => a - b);
  const within = (limit) => misses.filter((miss) => miss <= Math.log10(limit)).length / misses.length;
  const ranged = rows.filter((row) => row.in_80 != null);
  return facts([
    ["Films", number(rows.length)],
    ["Typical miss", `a factor of ${factor(10 ** misses[Math.floor(misses.length / 2)]).slice(1)}`],
    ["Within a factor of 2", percent(within(2))],
    ["In their 80 % range", ranged.length ? percent(ranged.filter((row) => row.in_80).length / ranged.length) : "–"],
  ]);
}

function beside(rows, colour) {
  const all = rows.flatMap((row) => [row.predicted_dollars, row.actual_dollars]);
  const [low, high] = [Math.min(...all), Math.max(...all)];
  const line = (times, dash) => ({
    type: "scatter", mode: "lines", x: [low, high], y: [low * times, high * times], hoverinfo: "skip",
    line: { color: colour.soft, width: 1, dash },
  });
  return {
    height: 440,
    traces: [
      line(1, "solid"), line(2, "dot"), line(0.5, "dot"),
      {
        type: "scatter", mode: "markers", x: rows.map((row) => row.predicted_dollars), y: rows.map((row) => row.actual_dollars),
        customdata: rows.map((row) => row.film_id), hoverinfo: "text",
        hovertext: rows.map((row) => `<b>${plain(row.title)}</b><br>forecast ${dollars(row.predicted_dollars)}<br>made ${dollars(row.actual_dollars)}`),
        marker: { size: 8, opacity: 0.85, color: rows.map((row) => (row.in_80 === false ? colour.ground : colour.accent)),
          line: { color: colour.accent, width: 1.5 } },
      },
    ],
    layout: { xaxis: dollarAxis(low, high, { title: { text: "Forecast" } }), yaxis: dollarAxis(low, high, { title: { text: "Made" } }) },
  };
}

fill("accuracy", {}, (body, rows) => {
  body.append(summary(rows));
  place(body, "Forecast against actual box office, one point a film, on log axes; the table below has the figures.",
    (colour) => beside(rows, colour), (filmId) => location.assign(`film?film_id=${filmId}`));
  body.append(el("p", { class: "note" }, "On the line, a forecast was exactly right; between the dotted lines, within a factor of two. A hollow point lay outside its 80 % range."));
  films(rows);
});

/** Its table stands below the figures that sum it up. */
function films(rows) {
  const section = document.getElementById("films");
  section.hidden = false;
  section.append(
    table({
      caption: "The last forecast of each film, and what it made",
      columns: [
        { title: "Film", value: (row) => row.title, text: (row) => filmLink(row.film_id, row.title) },
        { title: "Release", tight: true, wide: true, value: (row) => row.release_date, text: (row) => day(row.release_date, row.release_precision) },
        { title: "Forecast", number: true, value: (row) => row.predicted_dollars, text: (row) => dollars(row.predicted_dollars) },
        { title: "Made", number: true, value: (row) => row.actual_dollars, text: (row) => dollars(row.actual_dollars) },
        { title: "Miss", number: true, wide: true, value: (row) => Math.abs(row.error_log10), text: (row) => miss(row.error_log10) },
        { title: "Forecast on", tight: true, wide: true, value: (row) => row.as_of, text: (row) => day(row.as_of) },
      ],
      rows,
      sort: 3,
      search: { label: "Search by title", of: (row) => row.title },
    }),
  );
}

fill("calibration", {}, (body, rows) => {
  place(body, "Share of films that ranges promise to hold, and share that they held; the table below has the figures.", (colour) => ({
    height: 240,
    traces: [
      { type: "bar", name: "promised", x: rows.map((row) => percent(row.promised)), y: rows.map((row) => row.promised), marker: { color: colour.accentMid } },
      { type: "bar", name: "held", x: rows.map((row) => percent(row.promised)), y: rows.map((row) => row.share_held), marker: { color: colour.accent } },
    ].map((bars) => ({ ...bars, hovertemplate: `%{y:.0%} ${bars.name}<extra></extra>` })),
    layout: { showlegend: true, legend: { orientation: "h", y: 1.15 }, bargap: 0.4, xaxis: { type: "category", showgrid: false }, yaxis: { range: [0, 1], tickformat: ".0%" } },
  }));
  body.append(table({
    caption: "Ranges and how many films they held",
    columns: [
      { title: "Range", text: (row) => percent(row.promised) },
      { title: "Held", number: true, text: (row) => percent(row.share_held) },
      { title: "Films", number: true, text: (row) => number(row.films) },
    ],
    rows,
  }));
});

fill("errors_by_year", {}, (body, rows) => {
  if (rows.length > 1) place(body, "Typical factor by which forecasts were off, by year of release; the table below has the figures.", (colour) => ({
    height: 240,
    traces: [{
      type: "bar", x: rows.map((row) => String(row.year)), y: rows.map((row) => row.median_factor), marker: { color: colour.accent },
      hovertemplate: "%{x}: half are off by less than ×%{y:.2f}<extra></extra>",
    }],
    layout: { bargap: 0.6, xaxis: { type: "category", showgrid: false }, yaxis: { rangemode: "tozero", tickprefix: "×" } },
  }));
  body.append(table({
    caption: "Error by year of release",
    columns: [
      { title: "Year", text: (row) => String(row.year) },
      { title: "Films", number: true, text: (row) => number(row.films) },
      { title: "Typical factor", number: true, text: (row) => factor(row.median_factor) },
      { title: "On average", number: true, wide: true, text: (row) => miss(Math.log10(row.bias_factor)) },
      { title: "In 80 % range", number: true, text: (row) => percent(row.share_in_80) },
    ],
    rows,
  }));
});
