// From what films make on average to a forecast, one step an attribute.

import { el } from "./dom.js";
import { narrow, place, plain } from "./charts.js";
import { dollars, factor } from "./format.js";
import { table } from "./table.js";

const TICKS = [1e4, 1e5, 1e6, 1e7, 1e8, 1e9];
const STEPS = 10;

/** The largest steps, and the rest as one. */
function shorten(rows) {
  if (rows.length <= STEPS + 1) return rows;
  const rest = rows.slice(STEPS);
  const effect = rest.reduce((sum, row) => sum + row.effect_log10, 0);
  return [...rows.slice(0, STEPS), { attribute: `${rest.length} others`, effect_log10: effect, factor: 10 ** effect }];
}

export const named = (attribute) => attribute.replaceAll("_", " ");

function steps(rows, colour) {
  const [{ average_dollars: average, predicted_dollars: predicted }] = rows;
  const shown = shorten(rows);
  let reached = Math.log10(average);
  const starts = shown.map((row) => {
    const start = reached;
    reached += row.effect_log10;
    return start;
  });
  const ends = [...starts.slice(1), reached];
  const low = Math.min(Math.log10(average), Math.log10(predicted), ...starts, ...ends) - 0.25;
  const high = Math.max(Math.log10(average), Math.log10(predicted), ...starts, ...ends) + (narrow() ? 0.8 : 0.4);
  const labels = ["Average film", ...shown.map((row) => plain(named(row.attribute))), "This film"];
  const whole = (dollarsMade) => Math.log10(dollarsMade) - low;
  return {
    height: 60 + 30 * labels.length,
    traces: [{
      type: "bar", orientation: "h", y: labels.map((_, place) => place),
      base: [low, ...starts, low],
      x: [whole(average), ...shown.map((row) => row.effect_log10), whole(predicted)],
      marker: { color: [colour.soft, ...shown.map((row) => (row.effect_log10 >= 0 ? colour.accent : colour.bad)), colour.ink] },
      text: [dollars(average), ...shown.map((row) => factor(row.factor)), dollars(predicted)],
      textposition: "outside", cliponaxis: false, hoverinfo: "skip", textfont: { color: colour.ink },
    }],
    layout: {
      bargap: 0.35,
      yaxis: { autorange: "reversed", tickvals: labels.map((_, place) => place), ticktext: labels, showgrid: false },
      xaxis: { range: [low, high], tickvals: TICKS.map(Math.log10), ticktext: TICKS.map(dollars), nticks: narrow() ? 3 : 6 },
    },
  };
}

export function drivers(body, rows) {
  place(body, "How each attribute moves the forecast away from that of the average film; the table below has the figures.",
    (colour) => steps(rows, colour));
  body.append(el("details", {}, el("summary", {}, "As a table"), table({
    caption: "What each attribute multiplies the forecast by",
    columns: [
      { title: "Attribute", value: (row) => row.attribute, text: (row) => named(row.attribute) },
      { title: "Factor", number: true, value: (row) => row.factor, text: (row) => factor(row.factor) },
    ],
    rows,
    sort: 1,
  })));
}
