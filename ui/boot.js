// Starts the page. An external module, so that the content security policy needs no inline script.
import init from './cairn-ui.js';

init({ module_or_path: './cairn-ui_bg.wasm' });
