"use strict";
// The whole trail is fetched once; every search is made here.
const PAGE = 100;
const MAX_POINTS = 300;
const HOUR = 3600;
const DAY = 24 * HOUR;
const WHOLE = 64;
const ACTIONS = {
  "genesis": "The ledger began",
  "accredit": "Accredited",
  "register-issuer": "Issuer registered",
  "register-service": "Service registered",
  "rotate-key": "Key replaced",
  "revoke-key": "Key revoked",
  "withdraw": "Withdrawn",
  "publish-type": "Type published",
  "rotate-governance": "Governance keys replaced",
  "set-validator": "Validator changed",
  "adopt-rules": "New rules adopted",
};
const $ = (id) => document.getElementById(id);
const element = (name, text, kind) => {
  const made = document.createElement(name);
  if (text !== undefined) made.textContent = text;
  if (kind) made.className = kind;
  return made;
};
const when = (seconds) => new Date(seconds * 1000).toISOString().replace("T", " ").slice(0, 16);
const day = (seconds) => new Date(seconds * 1000).toISOString().slice(0, 10);
// A period that ends with a day is said to end with it, as it was given.
const until = (seconds) => seconds % DAY === 0 ? `the end of ${day(seconds - 1)}` : `${when(seconds)} UTC`;
// Cut where a table could not hold it; whole in the tree and in the downloads.
const cut = (text) => text.length > WHOLE ? `${text.slice(0, 24)}…${text.slice(-16)}` : text;
const many = (count, one, more) => `${count} ${count === 1 ? one : more}`;

let trail, shown = [], first = 0;

const what = (action) => ACTIONS[action] || action.replace(/-/g, " ");
// An id is cut as the server says, which knows whether another would look the same.
const short = (id) => Object.hasOwn(trail.short, id) ? trail.short[id] : id;
const signer = (id) => {
  if (id === "governance") return "The governance";
  const body = trail.bodies.find((one) => one.id === id);
  return body && body.name ? body.name : id;
};

const typeName = (id) => {
  const body = trail.bodies.find((one) => one.id === id);
  const role = body && body.roles.find((one) => one.role === "type");
  if (role && role.name) return role.name;
  if (id === "*") return "every type";
  return Object.hasOwn(trail.types, id) ? trail.types[id] : id;
};
const typeAndId = (id) => {
  const name = typeName(id);
  return name === id || id === "*" ? name : `${name} (${id})`;
};

function age() {
  const seconds = Math.max(0, trail.now - trail.attested);
  const hours = Math.floor(seconds / HOUR);
  const said = hours < 1 ? "less than an hour ago"
    : hours < 48 ? many(hours, "hour ago", "hours ago")
    : many(Math.floor(hours / 24), "day ago", "days ago");
  const line = $("age");
  const last = trail.network ? `as of block ${trail.network.height}, which is dated` : "last attested";
  line.textContent = `${many(trail.size, "entry", "entries")}, ${last} ${said} (${when(trail.attested)} UTC).`;
  if (hours >= 24) {
    line.className = "old";
    line.textContent += " Readers say its age aloud now, and after seven days they call it too old.";
  }
}

// What a node has taken part in is its own word, however many decided it.
function network() {
  if (!trail.network) return;
  $("word").textContent = "A network of validators keeps this ledger. What you read here is one node's own replay of the blocks in which it took part, and this server's word for it: nothing on this page can be checked by you. A wallet or a counter asks the nodes themselves, over their RPC, and checks every entry and the headers that more than two thirds of the validators signed.";
  const line = $("validators");
  line.textContent = `Validators: ${trail.network.validators.join(", ")}.`;
  line.hidden = false;
}

function leaf(role, body) {
  const item = element("li");
  const kind = { issuer: "Issuer", service: "Service", type: "Credential type" }[role.role] || role.role;
  item.append(element("strong", role.name || body.id), " ", element("span", body.id, "id"), ` · ${kind} · `);
  item.append(element("span", role.standing, `state ${role.standing}`));
  const rights = role.types ? role.types.map(typeAndId) : role.purposes;
  const parts = [];
  if (rights) parts.push(`${role.purposes ? "may ask for" : "may issue"} ${rights.join(", ")}`);
  parts.push(`since ${day(role.from)}${role.until ? `, until ${until(role.until)}` : ""}`);
  item.append(element("span", parts.join("; "), "rights"));
  return item;
}

function tree() {
  const top = $("tree");
  const root = element("li");
  root.append(element("strong", "The governance"), " ", element("span",
    `${trail.governance.threshold} of ${many(trail.governance.keys, "key", "keys")} must sign`, "id"));
  const under = element("ul");
  root.append(under);
  top.replaceChildren(root);
  for (const body of trail.bodies) {
    const own = body.roles.filter((role) => role.role === "accreditor");
    if (own.length === 0) continue;
    const latest = own[own.length - 1];
    const item = element("li");
    item.append(element("strong", latest.name || body.id), " ", element("span", body.id, "id"), " · Accreditor · ");
    item.append(element("span", latest.standing, `state ${latest.standing}`));
    const types = latest.types.map(typeName).join(", ");
    item.append(element("span", `lets others issue ${types}; since ${day(latest.from)}, until ${until(latest.until)}`, "rights"));
    const below = element("ul");
    for (const other of trail.bodies) {
      for (const role of other.roles) {
        if (role.role !== "accreditor" && role.by === body.id) below.append(leaf(role, other));
      }
    }
    if (below.childElementCount) item.append(below);
    under.append(item);
  }
}

function search() {
  const words = $("find").value.toLowerCase().split(/\s+/).filter(Boolean);
  shown = trail.changes.filter((change) => {
    const text = `${change.index} ${what(change.action)} ${change.action} ${change.id} ${signer(change.id)} ${change.signer} ${signer(change.signer)} ${when(change.time)}`.toLowerCase();
    return words.every((word) => text.includes(word));
  }).reverse();
  first = 0;
  rows();
}

function rows() {
  const page = shown.slice(first, first + PAGE);
  $("found").textContent = shown.length === 0 ? "No change fits."
    : `${first + 1} to ${first + page.length} of ${many(shown.length, "change", "changes")}, newest first.`;
  $("rows").replaceChildren(...page.map((change) => {
    const row = element("tr");
    const name = signer(change.id);
    const bare = name === change.id || change.id === "governance";
    const about = bare ? short(name) : `${name} (${short(change.id)})`;
    const by = signer(change.signer);
    const signed = by === change.signer ? short(by) : cut(by);
    for (const text of [change.index, when(change.time), what(change.action), about, signed]) {
      row.append(element("td", text));
    }
    return row;
  }));
  $("newer").disabled = first === 0;
  $("older").disabled = first + PAGE >= shown.length;
}

function growth() {
  const changes = trail.changes;
  const begin = changes[0].time, end = Math.max(trail.now, begin + 1);
  const x = (time) => 10 + 620 * (time - begin) / (end - begin);
  const y = (count) => 190 - 180 * count / changes.length;
  const step = Math.max(1, Math.ceil(changes.length / MAX_POINTS));
  let line = `M${x(begin).toFixed(1)} ${y(0).toFixed(1)}`;
  for (let i = 0; i < changes.length; i += step) {
    const last = Math.min(i + step, changes.length) - 1;
    line += `H${x(changes[last].time).toFixed(1)}V${y(last + 1).toFixed(1)}`;
  }
  line += `H${x(end).toFixed(1)}`;
  $("line").setAttribute("d", line);
  $("area").setAttribute("d", `${line}V190H10Z`);
  $("picture-title").textContent =
    `From the first entry on ${day(begin)} to ${many(changes.length, "entry", "entries")} on ${day(end)}.`;
  const months = new Map();
  changes.forEach((change, i) => {
    const month = day(change.time).slice(0, 7);
    const before = months.get(month) || { count: 0, total: 0 };
    months.set(month, { count: before.count + 1, total: i + 1 });
  });
  $("months").replaceChildren(...[...months].map(([month, { count, total }]) => {
    const row = element("tr");
    for (const text of [month, count, total]) row.append(element("td", text));
    return row;
  }));
}

async function start() {
  try {
    const answer = await fetch("trail.json", { credentials: "omit" });
    if (!answer.ok) throw new Error();
    trail = await answer.json();
  } catch {
    $("age").textContent = "The trail could not be read from this server. Try again in a minute.";
    return;
  }
  document.title = `${trail.name} – ledger`;
  $("name").textContent = trail.name;
  $("demo").hidden = !trail.demo;
  $("fingerprint").textContent = trail.fingerprint;
  $("governance").textContent = `Its governance signs with ${trail.governance.threshold} of ${many(trail.governance.keys, "key", "keys")}. There are only bodies and types on it: no person, and no credential.`;
  age();
  network();
  tree();
  search();
  growth();
  for (const id of ["about", "listed", "changes", "growth"]) $(id).hidden = false;
  $("find").addEventListener("input", search);
  $("newer").addEventListener("click", () => { first = Math.max(0, first - PAGE); rows(); });
  $("older").addEventListener("click", () => { first += PAGE; rows(); });
}
start();
