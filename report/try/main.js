// The page with the detector: whatever picture is given, the network of the library looks at it here and nowhere else.
import { measureBackends, PageDetector, prepareWasm, startBackend } from 'yolov1/browser';
import { drawBoxes, listBoxes } from './boxes.js';
import { openCamera } from './camera.js';
import { drawFile, drawGenerated, drawImage, drawVideo, pixelsOf } from './picture.js';

/** From the least score that the slider reaches on; what is above it is computed once, the slider only hides. */
const LOOKED_FOR = { scoreThreshold: 0.05, limit: 100 };

const part = (name) => document.querySelector(`.tryout ${name}`);
const canvas = part('canvas');
const boxes = part('.view svg');
const score = part('.score input');
const backends = part('.backend select');
const seen = { found: [], shown: false, time: 0 };
let detector;
/** What is under way: one thing after the other, since there is one network. */
let work = Promise.resolve();

function say(words) {
  part('[role="status"]').textContent = words;
}

/** Does something when all before it is done, and says what went wrong. */
function then(task) {
  work = work.then(task).catch((error) => say(error.message));
  return work;
}

/** Lets the browser draw what was said before the network takes its thread. */
function painted() {
  return new Promise((resolve) => {
    requestAnimationFrame(() => setTimeout(resolve));
  });
}

/** @param drawing - Draws a picture on the canvas. */
function look(drawing) {
  say('Reading the picture …');
  return then(async () => {
    await drawing();
    part('.view').hidden = false;
    seen.found = [];
    seen.shown = true;
    show();
    await detect();
  });
}

async function detect() {
  if (!seen.shown) return;
  say('Looking …');
  await painted();
  const since = performance.now();
  seen.found = await detector.detect(pixelsOf(canvas), LOOKED_FOR);
  seen.time = performance.now() - since;
  summarise();
}

/** Boxes from the slider's score on. */
function show() {
  const least = Number(score.value);
  part('.score output').textContent = least.toFixed(2);
  const kept = seen.found.filter((detection) => detection.score > least);
  drawBoxes(boxes, canvas, kept);
  listBoxes(part('tbody'), kept);
  return kept;
}

function summarise() {
  const kept = show();
  const best = seen.found[0];
  const found = kept.length > 0 ? `${kept.length} found` : 'Nothing found above this score';
  const hint =
    kept.length === 0 && best ? `; the surest guess is ${best.name}, ${best.score.toFixed(2)}` : '';
  say(`${found}${hint}. ${Math.round(seen.time)} ms on ${backends.value}.`);
}

async function useBackend(name) {
  await painted();
  await startBackend(name);
  detector.start();
  // A GPU compiles its programs in the first pass.
  if (name !== 'wasm') await detector.detect({ data: new Uint8Array(3), width: 1, height: 1 }, LOOKED_FOR);
}

async function prepare() {
  const { yolov1Detector: stored, yolov1Wasm: wasm } = globalThis;
  if (!stored || !wasm || typeof WebAssembly !== 'object')
    throw new Error(
      'The detector can not run here: this browser has no WebAssembly, or a file beside this page is missing.',
    );
  say('Reading the detector …');
  await painted();
  const answer = await fetch(`data:application/octet-stream;base64,${stored.weights}`);
  detector = new PageDetector({ about: stored.about, weights: new Uint8Array(await answer.arrayBuffer()) });
  prepareWasm(wasm);
  say('Measuring what computes fastest here …');
  await painted();
  const measured = await measureBackends(() => performance.now());
  if (measured.length === 0)
    throw new Error('The detector can not run here: neither WebGPU, WebGL nor WebAssembly starts.');
  for (const { name, milliseconds } of measured)
    backends.add(new Option(`${name} (${milliseconds.toFixed(milliseconds < 10 ? 1 : 0)} ms)`, name));
  say(`Starting ${measured[0].name} …`);
  await useBackend(measured[0].name);
  part('.controls').hidden = false;
  part('.sources').hidden = false;
  say('Ready. Drop a photograph anywhere on this page, or choose one.');
}

function listen() {
  const file = part('.file input');
  file.addEventListener('change', () => {
    const [chosen] = file.files;
    file.value = '';
    if (chosen) look(() => drawFile(canvas, chosen));
  });
  document.addEventListener('dragover', (event) => event.preventDefault());
  document.addEventListener('drop', (event) => {
    event.preventDefault();
    const [dropped] = event.dataTransfer.files;
    if (dropped) look(() => drawFile(canvas, dropped));
    else say('That was no file. Drop a photograph from your disk.');
  });
  let scene = 0;
  part('.scene').addEventListener('click', () => look(() => drawGenerated(canvas, `page ${++scene}`)));
  for (const button of document.querySelectorAll('.tryout .sample'))
    button.addEventListener('click', () => look(() => drawImage(canvas, button.querySelector('img'))));
  const camera = part('.camera');
  camera.hidden = !navigator.mediaDevices;
  camera.addEventListener('click', () => {
    openCamera(part('.viewfinder'), (video) => {
      drawVideo(canvas, video);
      look(() => {});
    }).catch((error) => say(error.message));
  });
  score.addEventListener('input', summarise);
  backends.addEventListener('change', () => {
    say(`Starting ${backends.value} …`);
    then(async () => {
      await useBackend(backends.value);
      if (seen.shown) await detect();
      else say('Ready.');
    });
  });
  addEventListener('resize', show);
}

listen();
then(prepare);
