// Elements, and sections that ask for their rows. What comes from outside becomes text, never HTML.

/** An element: el("a", {href: "film"}, "Title", otherElement). */
export function el(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (value === true) element.setAttribute(key, "");
    else if (value !== false && value != null) element.setAttribute(key, value);
  }
  element.append(...children.filter((child) => child != null));
  return element;
}

/** Asks the page's application; what it says when it cannot becomes the error's message. */
export async function request(address, options = {}) {
  let response;
  try {
    response = await fetch(address, { headers: { Accept: "application/json", "Content-Type": "application/json" }, ...options });
  } catch {
    throw new Error("Airflow does not answer. Is it running? Load this page again when it is.");
  }
  if (response.status === 401) throw new Error("Your login has ended. Load Airflow anew and log in.");
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) {
    const detail = typeof answer.detail === "string" ? answer.detail : "The request was not understood.";
    throw new Error(detail);
  }
  return answer;
}

/** The rows of a section, by parameters; raises Error with what to tell. */
export async function rows(name, parameters = {}) {
  const answer = await request(`rows/${name}?${new URLSearchParams(parameters)}`);
  if (answer.missing) throw new Error(`The database is older than this page (${answer.missing}). \`pel up\` brings it up to date.`);
  return answer.rows;
}

/** Fills a section: draw(body, rows) where there are rows; else it says what to do. */
export async function fill(name, parameters, draw) {
  const section = document.querySelector(`[data-section="${name}"]`);
  const body = section.querySelector(".body");
  try {
    const found = await rows(name, parameters);
    if (found.length || !section.dataset.empty) {
      body.replaceChildren();
      draw(body, found);
    } else {
      body.replaceChildren(el("p", { class: "empty" }, section.dataset.empty));
    }
    return found;
  } catch (error) {
    body.replaceChildren(el("p", { class: "trouble", role: "alert" }, error.message));
    return [];
  } finally {
    body.removeAttribute("aria-busy");
  }
}

/** Words and figures, as a list of pairs. */
export function facts(pairs) {
  return el("dl", { class: "facts" }, ...pairs.map(([term, text]) => el("div", {}, el("dt", {}, term), el("dd", {}, text))));
}

export function filmLink(id, title) {
  return el("a", { href: `film?film_id=${encodeURIComponent(id)}` }, title);
}
