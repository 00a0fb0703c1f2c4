// Runs the reader beside the page, so that the page stays quick, and a picture that breaks the
// reader breaks nothing else: the page then starts another.
import init, { Reader } from "./cairn-reader.js";

const ready = init({ module_or_path: "./cairn-reader_bg.wasm" }).then(() => new Reader());

function look(reader, { kind, bytes, width, height, text }) {
  switch (kind) {
    case "see": return reader.see(bytes, width, height);
    case "open": return reader.open(bytes);
    case "typed": return reader.typed(text);
    default: reader.clear(); return "nothing";
  }
}

self.addEventListener("message", async ({ data }) => {
  try {
    const reader = await ready;
    const seen = look(reader, data);
    const message = reader.message();
    self.postMessage({ turn: data.turn, kind: data.kind, seen, have: reader.have(), want: reader.want(), message });
  } catch {
    self.postMessage({ turn: data.turn, kind: data.kind, failed: true });
  }
});
