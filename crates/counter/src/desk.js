"use strict";

const $ = (id) => document.getElementById(id);
const token = document.querySelector('meta[name="desk-token"]').content;
const headers = token ? { authorization: "Bearer " + token } : {};
let current = null;
let timer = 0;
let clock = 0;

const SVG = "http://www.w3.org/2000/svg";
const ICONS = {
  accepted: "M10 34 26 50 54 16",
  caution: "M32 10v28M32 50v4",
  refused: "M14 14 50 50M50 14 14 50",
  other: "M12 32h40",
};

function node(name, text, kind) {
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

function say(text) {
  $("live").textContent = text;
}

function go(section) {
  for (const id of ["start", "show", "result"]) $(id).hidden = id !== section;
  const heading = $(section).querySelector("h1");
  document.title = heading.textContent + " – Service counter";
  heading.focus();
}

async function call(method, path, body) {
  const options = { method, headers: { ...headers }, cache: "no-store" };
  if (body) {
    options.headers["content-type"] = "application/json";
    options.body = JSON.stringify(body);
  }
  const response = await fetch(path, options);
  const answer = await response.json();
  return { status: response.status, answer };
}

const address = (id) => "/desk/requests/" + encodeURIComponent(id);

function left(until) {
  const seconds = Math.max(0, Math.round((Date.parse(until) - Date.now()) / 1000));
  return Math.floor(seconds / 60) + ":" + String(seconds % 60).padStart(2, "0");
}

function tick(update) {
  clearInterval(clock);
  update();
  clock = setInterval(update, 1000);
}

async function ask(event) {
  event.preventDefault();
  const chosen = document.querySelector('input[name="purpose"]:checked');
  const { status, answer } = await call("POST", "/desk/requests", { purpose: chosen.value }).catch(() => ({}));
  if (status !== 201) {
    say(answer ? "Nothing was asked: " + answer.error.message + "." : "The counter does not answer. Nothing was asked.");
    return;
  }
  current = answer.id;
  $("show-purpose").textContent = answer.purpose_name;
  const code = new DOMParser().parseFromString(answer.qr_svg, "image/svg+xml").documentElement;
  $("code").replaceChildren(document.importNode(code, true));
  $("link").value = answer.link;
  say("");
  go("show");
  tick(() => {
    $("show-time").textContent = "Open for another " + left(answer.expires_at) + ".";
  });
  timer = setTimeout(poll, 700);
}

async function poll() {
  const id = current;
  if (!id) return;
  const { status, answer } = await call("GET", address(id)).catch(() => ({}));
  if (current !== id) return;
  let next = 700;
  if (status === 404) {
    start("The answer was forgotten.");
    return;
  }
  if (!answer) {
    say("The counter does not answer. Trying again.");
    next = 3000;
  } else if (answer.outcome === "waiting") {
    const words = {
      shown: "Waiting for a wallet.",
      fetched: "A wallet has the request. Waiting for its owner.",
      checking: "Checking the answer.",
    };
    if ($("live").textContent !== words[answer.stage]) say(words[answer.stage]);
  } else if ($("result").hidden) {
    show(answer);
    next = 1000;
  } else {
    next = 1000;
  }
  timer = setTimeout(poll, next);
}

function show(answer) {
  const known = ["accepted", "caution", "refused"].includes(answer.outcome);
  const kind = known ? answer.outcome : "other";
  const expired = answer.outcome === "expired";
  $("verdict").className = "verdict " + kind;
  $("icon").replaceChildren(icon(kind));
  $("headline").textContent = expired ? "Nobody answered in time" : answer.headline;
  $("about").textContent = answer.purpose_name;
  $("reasons").replaceChildren(...(answer.reasons || []).map((reason) => node("li", reason.text)));
  $("credentials").replaceChildren(...(answer.credentials || []).map(card));
  const checks = answer.checks || [];
  $("checks").hidden = checks.length === 0;
  $("checks").open = false;
  $("check-list").replaceChildren(
    ...checks.map((check) => node("li", (check.ok ? "Passed: " : "Not passed: ") + check.detail, check.ok ? "" : "bad")),
  );
  $("again").textContent = known ? "Forget this and start again" : "Start again";
  say("");
  go("result");
  tick(() => {
    $("forget-time").textContent = answer.forgotten_at
      ? "Forgotten in " + left(answer.forgotten_at) + "."
      : "";
  });
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

function clear() {
  clearTimeout(timer);
  clearInterval(clock);
  current = null;
  for (const id of ["code", "reasons", "credentials", "check-list", "icon"]) $(id).replaceChildren();
  for (const id of ["headline", "about", "show-purpose", "forget-time", "show-time"]) $(id).textContent = "";
  $("link").value = "";
}

function start(text) {
  clear();
  say(text || "");
  go("start");
}

async function stop(text) {
  const id = current;
  start(text);
  if (id) await call("DELETE", address(id)).catch(() => {});
  ledger();
}

async function ledger() {
  const { status, answer } = await call("GET", "/desk/ledger").catch(() => ({}));
  if (status !== 200) return;
  $("ledger").className = "note " + answer.level;
  $("ledger").textContent = "Ledger: " + answer.text;
}

$("ask").addEventListener("submit", ask);
$("stop").addEventListener("click", () => stop("Stopped."));
$("again").addEventListener("click", () => stop("Nothing is kept of the last answer."));
$("copy").addEventListener("click", async () => {
  $("link").select();
  try {
    await navigator.clipboard.writeText($("link").value);
    say("The link is copied.");
  } catch {
    say("Select the link and copy it.");
  }
});
window.addEventListener("pagehide", clear);
setInterval(ledger, 60000);
ledger();
