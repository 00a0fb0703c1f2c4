// What the desk's pages have in common: calling the counter, and showing its verdict.

export const $ = (id) => document.getElementById(id);
const token = document.querySelector('meta[name="desk-token"]').content;
const headers = token ? { authorization: "Bearer " + token } : {};
let clock = 0;

const SVG = "http://www.w3.org/2000/svg";
const ICONS = {
  accepted: "M10 34 26 50 54 16",
  caution: "M32 10v28M32 50v4",
  refused: "M14 14 50 50M50 14 14 50",
  other: "M12 32h40",
};

export function node(name, text, kind) {
  const made = document.createElement(name);
  if (text !== undefined) made.textContent = text;
  if (kind) made.className = kind;
  return made;
}

function icon(kind) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 64 64");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", ICONS[kind]);
  path.setAttribute("fill", "none");
  path.setAttribute("stroke", "currentColor");
  path.setAttribute("stroke-width", "8");
  path.setAttribute("stroke-linecap", "round");
  path.setAttribute("stroke-linejoin", "round");
  svg.append(path);
  return svg;
}

export function say(text) {
  $("live").textContent = text;
}

// Shows one section of the page and hides the others.
export function go(section) {
  for (const one of document.querySelectorAll("main > section")) one.hidden = one.id !== section;
  const heading = $(section).querySelector("h1");
  document.title = heading.textContent + " – Service counter";
  heading.focus();
}

export async function call(method, path, body) {
  const options = { method, headers: { ...headers }, cache: "no-store" };
  if (body) {
    options.headers["content-type"] = "application/json";
    options.body = JSON.stringify(body);
  }
  const response = await fetch(path, options);
  const answer = await response.json();
  return { status: response.status, answer };
}

export function left(until) {
  const seconds = Math.max(0, Math.round((Date.parse(until) - Date.now()) / 1000));
  return Math.floor(seconds / 60) + ":" + String(seconds % 60).padStart(2, "0");
}

// Does something now and each second, until something else is done so.
export function tick(update) {
  clearInterval(clock);
  if (!update) return;
  update();
  clock = setInterval(update, 1000);
}

// Fills in the verdict of a result, and returns whether it is one.
export function fill(answer) {
  const known = ["accepted", "caution", "refused"].includes(answer.outcome);
  const kind = known ? answer.outcome : "other";
  $("verdict").className = "verdict " + kind;
  $("icon").replaceChildren(icon(kind));
  $("headline").textContent = answer.outcome === "expired" ? "Nobody answered in time" : answer.headline;
  $("about").textContent = answer.purpose_name || "";
  $("reasons").replaceChildren(...(answer.reasons || []).map((reason) => node("li", reason.text)));
  $("credentials").replaceChildren(...(answer.credentials || []).map(card));
  const checks = answer.checks || [];
  $("checks").hidden = checks.length === 0;
  $("checks").open = false;
  $("check-list").replaceChildren(
    ...checks.map((check) => node("li", (check.ok ? "Passed: " : "Not passed: ") + check.detail, check.ok ? "" : "bad")),
  );
  return known;
}

// Takes what a verdict said off the page.
export function wipe() {
  tick(null);
  for (const id of ["reasons", "credentials", "check-list", "icon"]) $(id).replaceChildren();
  for (const id of ["headline", "about"]) $(id).textContent = "";
}

export async function ledger() {
  const { status, answer } = await call("GET", "/desk/ledger").catch(() => ({}));
  if (status !== 200) return;
  $("ledger").className = "note " + answer.level;
  $("ledger").textContent = "Ledger: " + answer.text;
}

// A picture of the counter's own, as an element.
export function drawing(svg) {
  const code = new DOMParser().parseFromString(svg, "image/svg+xml").documentElement;
  return document.importNode(code, true);
}

function card(credential) {
  const box = node("article", undefined, "card");
  box.append(node("h2", credential.type_name));
  const issuer = credential.issuer;
  if (issuer.name) {
    box.append(node("p", "Issued by " + issuer.name));
  } else {
    box.append(node("p", "Says that it is from " + (issuer.id || "nobody named") + ". Nobody vouches for that."));
  }
  const listed = issuer.verdict === "listed";
  const by = issuer.vouched_for_by ? ", entered by " + issuer.vouched_for_by : "";
  const words = listed ? "Listed on the ledger for this card" + by + "." : "On the ledger: " + issuer.verdict.replaceAll("_", " ") + ".";
  box.append(node("p", words, listed ? "muted" : "bad"));
  const list = node("dl");
  for (const detail of credential.details) {
    const row = node("div");
    const value = node("dd");
    if (detail.image) {
      const image = node("img");
      image.src = detail.image;
      image.alt = detail.label;
      value.append(image);
    } else {
      value.textContent = detail.value;
    }
    row.append(node("dt", detail.label), value);
    list.append(row);
  }
  if (credential.details.length) box.append(list);
  if (credential.valid_until) {
    box.append(node("p", "The card is valid until " + day(credential.valid_until) + ".", "muted"));
  }
  if (credential.not_asked_for.length) {
    const count = credential.not_asked_for.length;
    const text = count === 1
      ? "One more detail came without being asked for. It was dropped."
      : count + " more details came without being asked for. They were dropped.";
    box.append(node("p", text, "muted"));
  }
  return box;
}

function day(moment) {
  return new Date(moment).toLocaleDateString("en-GB", { day: "numeric", month: "long", year: "numeric" });
}
