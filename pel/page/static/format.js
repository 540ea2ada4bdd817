// Figures and dates as people write them.

const UNITS = [[1e9, "B"], [1e6, "M"], [1e3, "K"]];
const DAY = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" });
const MONTH = new Intl.DateTimeFormat("en-GB", { month: "short", year: "numeric", timeZone: "UTC" });
const MOMENT = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "short" });
const WHOLE = new Intl.NumberFormat("en-US");

export const NOTHING = "–";

/** $1.01B, $721M, $72.1M, $950K. */
export function dollars(amount) {
  if (amount == null) return NOTHING;
  const rounded = Number(Number(amount).toPrecision(3));
  const [size, letter] = UNITS.find(([unit]) => rounded >= unit) ?? [1, ""];
  const figure = rounded / size;
  return `$${size === 1 ? Math.round(figure) : Number(figure.toPrecision(3))}${letter}`;
}

export function range(low, high) {
  return low == null ? NOTHING : `${dollars(low)} to ${dollars(high)}`;
}

export function percent(share) {
  if (share == null) return NOTHING;
  if (share > 0 && share < 0.01) return "< 1 %";
  if (share < 1 && share > 0.99) return "> 99 %";
  return `${Math.round(share * 100)} %`;
}

/** ×1.8, or ÷1.8 for less than one. */
export function factor(times) {
  if (times == null) return NOTHING;
  return times >= 1 ? `×${times.toFixed(2)}` : `÷${(1 / times).toFixed(2)}`;
}

/** What an error of so many powers of ten means. */
export function miss(errorLog10) {
  if (errorLog10 == null) return NOTHING;
  return `${factor(10 ** Math.abs(errorLog10)).slice(1)}× ${errorLog10 >= 0 ? "too high" : "too low"}`;
}

export function number(value, digits = 0) {
  return value == null ? NOTHING : digits ? value.toFixed(digits) : WHOLE.format(value);
}

/** A date, or what is known of it. */
export function day(iso, precision = "day") {
  if (!iso) return NOTHING;
  if (precision === "year") return iso.slice(0, 4);
  return (precision === "month" ? MONTH : DAY).format(new Date(`${iso.slice(0, 10)}T00:00:00Z`));
}

export function moment(iso) {
  return iso ? MOMENT.format(new Date(iso)) : NOTHING;
}
