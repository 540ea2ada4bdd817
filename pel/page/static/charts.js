// Charts by Plotly in the page's own colours. Each is told in words and stands beside a table with the same figures.

import { el } from "./dom.js";
import { dollars } from "./format.js";

const drawn = new Set();

function colours() {
  const style = getComputedStyle(document.documentElement);
  const names = ["ground", "raised", "line", "ink", "soft", "accent", "accent-soft", "accent-mid", "good", "bad"];
  return Object.fromEntries(names.map((name) => [name.replace("-s", "S").replace("-m", "M"), style.getPropertyValue(`--${name}`).trim()]));
}

function layout(colour, height, special) {
  const axis = { gridcolor: colour.line, zeroline: false, linecolor: colour.line, tickcolor: colour.line, automargin: true, fixedrange: true };
  const titled = ({ title, ...others } = {}) => ({ ...axis, ...(title ? { title: { font: { size: 13 }, ...title } } : {}), ...others });
  const { xaxis, yaxis, xaxis2, ...rest } = special;
  return {
    height,
    margin: { l: 8, r: 8, t: 8, b: 8 },
    paper_bgcolor: "rgba(0,0,0,0)",
    plot_bgcolor: "rgba(0,0,0,0)",
    font: { family: getComputedStyle(document.body).fontFamily, size: 13, color: colour.soft },
    hoverlabel: { bgcolor: colour.raised, bordercolor: colour.line, font: { color: colour.ink }, align: "left" },
    showlegend: false,
    hovermode: "closest",
    dragmode: false,
    xaxis: titled(xaxis),
    yaxis: titled(yaxis),
    ...(xaxis2 ? { xaxis2: titled(xaxis2) } : {}),
    ...rest,
  };
}

/** A chart that says in words what it shows. make(colours) gives traces, layout and, if it has to differ, height. */
export function chart(label, make, onclick = null) {
  const element = el("div", { class: "chart", role: "img", "aria-label": label });
  async function draw() {
    const colour = colours();
    const { traces, height = 320, ...special } = make(colour);
    const config = { displayModeBar: false, responsive: true };
    await Plotly.react(element, traces, layout(colour, height, special.layout ?? {}), config);
    if (onclick && !element.dataset.listens) {
      element.dataset.listens = "true";
      element.on("plotly_click", ({ points: [point] }) => point.customdata != null && onclick(point.customdata));
    }
  }
  drawn.add(draw);
  return { element, draw };
}

/** Puts a chart at the end of a section and draws it. */
export function place(body, label, make, onclick = null) {
  const { element, draw } = chart(label, make, onclick);
  body.append(element);
  draw();
  return draw;
}

const DECADES = [1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10];
const FINER = DECADES.flatMap((mark) => [mark, 2 * mark, 5 * mark]);

/** An axis of dollars on a log scale. */
export function dollarAxis(low, high, special = {}) {
  const marks = high / low < 200 ? FINER : DECADES;
  return {
    type: "log",
    range: [Math.log10(low) - 0.1, Math.log10(high) + 0.1],
    tickvals: marks,
    ticktext: marks.map(dollars),
    ...special,
  };
}

/** Text for a chart: its tags, which Plotly would obey, are made harmless. */
export function plain(text) {
  return String(text).replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

export function narrow() {
  return innerWidth < 640;
}

document.addEventListener("themechange", () => drawn.forEach((draw) => draw()));
