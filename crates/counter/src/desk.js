import { $, call, drawing, fill, go, ledger, left, say, tick, wipe } from "./verdict.js";

let current = null;
let timer = 0;

const address = (id) => "/desk/requests/" + encodeURIComponent(id);

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
  $("code").replaceChildren(drawing(answer.qr_svg));
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
  const known = fill(answer);
  $("again").textContent = known ? "Forget this and start again" : "Start again";
  say("");
  go("result");
  tick(() => {
    $("forget-time").textContent = answer.forgotten_at
      ? "Forgotten in " + left(answer.forgotten_at) + "."
      : "";
  });
}

function clear() {
  clearTimeout(timer);
  current = null;
  wipe();
  $("code").replaceChildren();
  for (const id of ["show-purpose", "forget-time", "show-time"]) $(id).textContent = "";
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
