import { el, facts, fill } from "./dom.js";
import { place } from "./charts.js";
import { day, factor, moment, number, percent } from "./format.js";
import { table } from "./table.js";

const NAMES = { ensemble: "Ensemble", training_mean: "Training mean" };
const named = (text) => NAMES[text] ?? text.replaceAll("_", " ");

function outcome(row) {
  const [text, name] = row.promoted ? ["champion", "good"] : row.waits ? ["waits for a person", ""] : ["not promoted", "bad"];
  return el("span", { class: `chip ${name}` }, text);
}

fill("scoreboard", {}, (body, rows) => {
  const champion = rows.filter((row) => row.is_champion);
  const shown = champion.length ? champion : rows.filter((row) => row.model_version === rows[0].model_version);
  const whole = shown.find((row) => row.predictor === "ensemble") ?? shown[0];
  body.append(
    facts([
      [champion.length ? "Champion" : "Newest model, no champion yet", whole.model_version],
      ["Looks from", day(whole.as_of)],
      ["R²", number(whole.r2_log10, 2)],
      ["Typical miss", `a factor of ${factor(whole.mean_factor).slice(1)}`],
      ["Judged on", `${number(whole.films)} films since ${day(whole.held_out_start)}`],
    ]),
    el("h3", {}, "The model and its parts"),
  );
  const bars = [...shown].sort((a, b) => a.r2_log10 - b.r2_log10);
  place(body, "R squared of the ensemble and of its base models on held-out films; the table below has the figures.", (colour) => ({
    height: 40 + 28 * bars.length,
    traces: [{
      type: "bar", orientation: "h", x: bars.map((row) => Math.max(0, row.r2_log10)), y: bars.map((row) => named(row.predictor)),
      marker: { color: bars.map((row) => (row.predictor === "ensemble" ? colour.accent : colour.accentMid)) },
      text: bars.map((row) => row.r2_log10.toFixed(2)), textposition: "outside", cliponaxis: false, hoverinfo: "skip",
    }],
    layout: { bargap: 0.4, xaxis: { rangemode: "tozero", range: [0, 1], title: { text: "R² of log10 dollars" } }, yaxis: { showgrid: false } },
  }));
  body.append(
    table({
      caption: "Held-out figures of the model above",
      columns: [
        { title: "Forecast by", text: (row) => named(row.predictor) },
        { title: "R²", number: true, value: (row) => row.r2_log10, text: (row) => number(row.r2_log10, 3) },
        { title: "Mean error, log10", number: true, wide: true, value: (row) => row.mae_log10, text: (row) => number(row.mae_log10, 3) },
        { title: "As a factor", number: true, value: (row) => row.mean_factor, text: (row) => factor(row.mean_factor) },
      ],
      rows: shown,
      sort: 2,
      descending: false,
    }),
    el("h3", {}, "All candidates"),
    table({
      caption: "Every fine-tuned model: its ensemble on the films held out from it",
      columns: [
        { title: "Model", value: (row) => row.model_version, text: (row) => el("span", {}, row.model_version, " ", row.is_champion ? el("span", { class: "chip good" }, "champion") : "") },
        { title: "Made", wide: true, value: (row) => row.created_at, text: (row) => moment(row.created_at) },
        { title: "Looks from", wide: true, value: (row) => row.as_of, text: (row) => day(row.as_of) },
        { title: "Films", number: true, wide: true, value: (row) => row.films, text: (row) => number(row.films) },
        { title: "R²", number: true, value: (row) => row.r2_log10, text: (row) => number(row.r2_log10, 3) },
      ],
      rows: rows.filter((row) => row.predictor === "ensemble"),
      sort: 1,
    }),
  );
});

fill("decisions", {}, (body, rows) => {
  body.append(table({
    caption: "Decisions about candidates, the newest first",
    columns: [
      { title: "When", value: (row) => row.decided_at, text: (row) => moment(row.decided_at) },
      { title: "Candidate", value: (row) => row.model_version, text: (row) => row.model_version },
      { title: "Outcome", text: outcome },
      { title: "Why", wide: true, text: (row) => row.reason },
      { title: "By", wide: true, value: (row) => row.decided_by, text: (row) => row.decided_by },
    ],
    rows,
  }));
});

fill("drift", {}, (body, rows) => {
  body.append(
    el("p", { class: "note" }, `Looked on ${moment(rows[0].looked_at)}.`),
    table({
      caption: "What changed since the champion was made",
      columns: [
        { title: "Measure", value: (row) => row.measure, text: (row) => named(row.measure) },
        { title: "Value", number: true, value: (row) => row.value, text: (row) => number(row.value, 2) },
        { title: "Threshold", number: true, wide: true, value: (row) => row.threshold, text: (row) => number(row.threshold, 2) },
        { title: "", text: (row) => el("span", { class: `chip ${row.drifted ? "bad" : "good"}` }, row.drifted ? "drifted" : "steady") },
      ],
      rows,
      sort: 1,
    }),
  );
});

fill("replays", {}, (body, rows) => {
  body.append(table({
    caption: "Replayed dates",
    columns: [
      { title: "As of", value: (row) => row.as_of, text: (row) => day(row.as_of) },
      { title: "Films", number: true, wide: true, value: (row) => row.films_judged, text: (row) => number(row.films_judged) },
      { title: "R²", number: true, value: (row) => row.r2_log10, text: (row) => number(row.r2_log10, 2) },
      { title: "Typical factor", number: true, value: (row) => row.median_factor, text: (row) => factor(row.median_factor) },
      { title: "In 80 % range", number: true, value: (row) => row.coverage_80, text: (row) => percent(row.coverage_80) },
      { title: "Code", wide: true, text: (row) => row.code_version.slice(0, 8) },
    ],
    rows,
  }));
});
