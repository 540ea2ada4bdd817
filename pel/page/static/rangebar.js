// The ranges of one forecast on a line of dollars.

import { el } from "./dom.js";
import { dollars } from "./format.js";

/** Its ranges of 95, 80 and 50 %, its forecast, and what it made, if that is known. Told in full by the table beside it. */
export function rangeBar(row) {
  const made = row.actual_dollars == null ? [] : [Number(row.actual_dollars)];
  const low = Math.log10(Math.min(row.low_95_dollars, ...made));
  const high = Math.log10(Math.max(row.high_95_dollars, ...made));
  const at = (amount) => ((Math.log10(amount) - low) / (high - low)) * 100;

  function part(name, from, to = null) {
    const element = el("i", { class: name });
    element.style.left = `${at(from)}%`;
    if (to != null) element.style.width = `${at(to) - at(from)}%`;
    return element;
  }

  function mark(amount) {
    const element = el("span", {}, dollars(amount));
    element.style.left = `${Math.min(95, Math.max(5, at(amount)))}%`;
    return element;
  }

  return el("div", { class: "scale", "aria-hidden": "true" },
    part("in95", row.low_95_dollars, row.high_95_dollars),
    part("in80", row.low_80_dollars, row.high_80_dollars),
    part("in50", row.low_50_dollars, row.high_50_dollars),
    part("point", row.predicted_dollars),
    ...made.map((amount) => part("made", amount)),
    mark(row.low_95_dollars), mark(row.predicted_dollars), mark(row.high_95_dollars));
}
