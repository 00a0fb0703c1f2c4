import { $, call, drawing, fill, go, ledger, left, node, say, tick, wipe } from "./verdict.js";

// Milliseconds between two looks of the camera.
const PAUSE = 60;
// After so many breaks of the reader it is given up.
const BREAKS = 5;

const main = document.querySelector("main");
const hasReader = main.dataset.reader === "yes";
const forgetAfter = Number(main.dataset.forget);
const canvas = document.createElement("canvas");
// Each person has a turn; what belongs to an earlier one is dropped.
let turn = 0;
let worker = null;
let breaks = 0;
let looking = false;
let checking = false;
let stream = null;
let expires = null;

const SEEN = {
  foreign: "That is a code, but not one of a wallet's answers.",
  damaged: "The code is damaged. Try again.",
  too_large: "The picture or the code is too large.",
  other_kind: "That is a request, not an answer. The person's wallet shows the answer.",
  other_message: "That is a part of another code.",
  contradiction: "The parts contradict each other. Start the code again in the wallet.",
  no_picture: "The file is no picture that can be read: PNG, JPEG or GIF.",
};

function startWorker() {
  worker = new Worker("/desk/reader/worker.js", { type: "module" });
  worker.addEventListener("message", ({ data }) => {
    looking = false;
    if (data.turn === turn) told(data);
  });
  worker.addEventListener("error", () => {
    looking = false;
    broke();
  });
}

function broke() {
  worker?.terminate();
  worker = null;
  breaks += 1;
  if (breaks < BREAKS) {
    say("The reader had to start again.");
    startWorker();
  } else {
    stopCamera();
    say("The reader does not work in this browser. Use a scanner that types.");
  }
}

function send(job, transfer) {
  if (!worker && breaks < BREAKS) startWorker();
  if (!worker) return;
  looking = true;
  worker.postMessage({ ...job, turn }, transfer || []);
}

function told({ kind, seen, have, want, message, failed }) {
  if (failed) {
    broke();
    return;
  }
  if (message) {
    check({ message: base64url(message) });
    return;
  }
  parts(have, want);
  if (seen === "nothing" && kind === "open") say("There is no code in the picture. Take it again: the whole code, sharp, with its white edge.");
  else if (SEEN[seen]) say(SEEN[seen]);
}

function parts(have, want) {
  $("parts-line").hidden = want < 2;
  if (want < 2 || Number($("parts").value) === have) return;
  $("parts").max = want;
  $("parts").value = have;
  $("parts-text").textContent = "Part " + have + " of " + want;
  // Read out now and then, not at each part.
  if (have === 1 || have === Math.ceil(want / 2)) say("Part " + have + " of " + want + ". Hold still.");
}

function base64url(bytes) {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

async function check(body) {
  if (checking) return;
  checking = true;
  stopCamera();
  say("Checking.");
  const mine = turn;
  const { status, answer } = await call("POST", "/desk/codes", body).catch(() => ({}));
  checking = false;
  if (mine !== turn) return;
  if (status === 200) {
    show(answer);
    return;
  }
  if (!hasReader && status === 400) {
    say("Not whole yet. Scan the next part.");
    return;
  }
  if (hasReader) {
    send({ kind: "clear" });
    noCamera("The camera was switched off.");
  }
  say(answer ? "Nothing was accepted: " + answer.error.message + "." : "The counter does not answer. Nothing was accepted.");
}

const WHAT = { ledger: "The ledger's word on the issuer", status: "The word on whether the card still counts" };

function show(answer) {
  // What the reader still has of this code must not be read a second time.
  turn += 1;
  if (worker) send({ kind: "clear" });
  fill(answer);
  $("ages").replaceChildren(...(answer.ages || []).map((age) => {
    return node("li", (WHAT[age.what] || age.what) + " is " + age.age + " old (" + age.source + ").");
  }));
  $("code").replaceChildren();
  $("typed").value = "";
  say("");
  go("result");
  const end = Date.now() + 1000 * forgetAfter;
  tick(() => {
    $("forget-time").textContent = "Forgotten in " + left(new Date(end).toISOString()) + ".";
    if (Date.now() >= end) start("The answer was forgotten.");
  });
}

async function ask(event) {
  event.preventDefault();
  const chosen = document.querySelector('input[name="purpose"]:checked');
  const mine = ++turn;
  const { status, answer } = await call("POST", "/desk/codes/questions", { purpose: chosen.value }).catch(() => ({}));
  if (mine !== turn) return;
  if (status !== 201) {
    say(answer ? "Nothing was asked: " + answer.error.message + "." : "The counter does not answer. Nothing was asked.");
    return;
  }
  $("code").replaceChildren(drawing(answer.svg));
  expires = answer.expires_at;
  $("read-purpose").textContent = document.querySelector('label[for="' + chosen.id + '"]').textContent;
  $("read-title").textContent = "Show, then read";
  $("camera-title").textContent = "2. Hold their code before the camera";
  $("asked").hidden = false;
  open();
}

function onlyRead() {
  turn += 1;
  expires = null;
  $("read-purpose").textContent = "";
  $("read-title").textContent = "Read a printed pass, or the answer to a poster";
  $("camera-title").textContent = "Hold the code before the camera";
  $("asked").hidden = true;
  open();
}

function open() {
  breaks = 0;
  parts(0, 0);
  if (hasReader) send({ kind: "clear" });
  say("");
  go("read");
  tick(() => {
    const over = expires && Date.parse(expires) <= Date.now();
    $("read-time").textContent = !expires ? "" : over ? "This code is over. Stop, and show a new one." : "Good for one answer, for another " + left(expires) + ".";
  });
  if (hasReader) startCamera();
}

async function startCamera(id) {
  const mine = turn;
  stopCamera();
  $("camera-start").hidden = true;
  if (!navigator.mediaDevices) {
    noCamera("The browser gives no camera to this page. Open it on this computer, or by https.");
    return;
  }
  const video = { width: { ideal: 1280 }, height: { ideal: 720 } };
  if (id) video.deviceId = { exact: id };
  else video.facingMode = "environment";
  let got;
  try {
    got = await navigator.mediaDevices.getUserMedia({ video, audio: false });
  } catch (error) {
    if (mine === turn) {
      noCamera(error.name === "NotAllowedError"
        ? "The browser may not use the camera. Allow it beside the address, then press the button."
        : "No camera was found.");
    }
    return;
  }
  if (mine !== turn || $("read").hidden) {
    for (const track of got.getTracks()) track.stop();
    return;
  }
  stream = got;
  $("video").srcObject = stream;
  $("video").hidden = false;
  $("camera-say").textContent = "";
  await $("video").play().catch(() => {});
  await listCameras();
  watch(stream);
}

function noCamera(text) {
  $("camera-say").textContent = text;
  $("camera-start").hidden = false;
  $("video").hidden = true;
}

function stopCamera() {
  if (stream) for (const track of stream.getTracks()) track.stop();
  stream = null;
  $("video").srcObject = null;
  $("video").hidden = true;
  // Nothing is left of the last picture.
  canvas.width = 0;
}

async function listCameras() {
  const devices = (await navigator.mediaDevices.enumerateDevices()).filter((one) => one.kind === "videoinput");
  const current = stream?.getVideoTracks()[0]?.getSettings().deviceId;
  $("camera-choice").hidden = devices.length < 2;
  $("cameras").replaceChildren(...devices.map((device, index) => {
    const option = node("option", device.label || "Camera " + (index + 1));
    option.value = device.deviceId;
    option.selected = device.deviceId === current;
    return option;
  }));
}

// Looks at the camera's picture while it is the same camera, one picture at a time.
function watch(mine) {
  if (stream !== mine) return;
  const video = $("video");
  const [width, height] = [video.videoWidth, video.videoHeight];
  if (!looking && !checking && width > 0) {
    canvas.width = width;
    canvas.height = height;
    const pen = canvas.getContext("2d", { willReadFrequently: true });
    pen.drawImage(video, 0, 0);
    const bytes = pen.getImageData(0, 0, width, height).data;
    send({ kind: "see", bytes, width, height }, [bytes.buffer]);
  }
  setTimeout(() => watch(mine), PAUSE);
}

function typed() {
  const text = $("typed").value;
  // A scanner ends with the return key.
  if (!text.endsWith("\n")) return;
  if (hasReader) {
    $("typed").value = "";
    send({ kind: "typed", text });
    return;
  }
  // The field keeps what was scanned, for the next part.
  check({ texts: text.split(/[\r\n]+/).filter(Boolean) });
}

async function files() {
  const mine = turn;
  for (const file of $("file").files) {
    const bytes = new Uint8Array(await file.arrayBuffer());
    if (mine !== turn) break;
    send({ kind: "open", bytes });
  }
  $("file").value = "";
}

function start(text) {
  turn += 1;
  expires = null;
  stopCamera();
  wipe();
  $("code").replaceChildren();
  $("ages").replaceChildren();
  $("typed").value = "";
  for (const id of ["read-purpose", "read-time", "forget-time"]) $(id).textContent = "";
  if (worker) send({ kind: "clear" });
  say(text || "");
  go("start");
  ledger();
}

$("ask").addEventListener("submit", ask);
$("only-read").addEventListener("click", onlyRead);
$("stop").addEventListener("click", () => start("Stopped."));
$("again").addEventListener("click", () => start("Nothing is kept of the last answer on this page."));
$("camera-start").addEventListener("click", () => startCamera());
$("cameras").addEventListener("change", () => startCamera($("cameras").value));
$("typed").addEventListener("input", typed);
$("file").addEventListener("change", files);
window.addEventListener("pagehide", () => start());
setInterval(ledger, 60000);
