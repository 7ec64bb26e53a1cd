// Embeds pictures with npm's @vladmandic/human, in that package's own environment; started by scripts/peers.py.
// Reads names from standard input, one a line, relative to the folder given; writes one JSON object a line.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import readline from 'node:readline';

const require = createRequire(path.join(process.cwd(), 'package.json'));
const wasm = require('@tensorflow/tfjs-backend-wasm');
const jpeg = require('jpeg-js');
// Its exports do not name the build for WebAssembly.
const packageFolder = path.join(process.cwd(), 'node_modules/@vladmandic/human');

// The package loads its models by fetch, which Node does not offer for files.
const online = globalThis.fetch;
globalThis.fetch = async (address, options) =>
  String(address).startsWith('file:') ? new Response(readFileSync(new URL(address))) : online(address, options);

wasm.setWasmPaths(path.join(path.dirname(require.resolve('@tensorflow/tfjs-backend-wasm/package.json')), 'dist/'));
const { Human } = require(path.join(packageFolder, 'dist/human.node-wasm.js'));
const off = { enabled: false };
const human = new Human({
  backend: 'wasm',
  debug: false,
  cacheSensitivity: 0,
  modelBasePath: `file://${packageFolder}/models/`,
  wasmPath: path.join(path.dirname(require.resolve('@tensorflow/tfjs-backend-wasm/package.json')), 'dist/'),
  filter: off, body: off, hand: off, object: off, gesture: off, segmentation: off,
  face: {
    enabled: true,
    detector: { rotation: true, maxDetected: 5, minConfidence: 0.2 },
    mesh: { enabled: true },
    iris: off, emotion: off, antispoof: off, liveness: off, attention: off,
    description: { enabled: true, minConfidence: 0 },
  },
});
await human.tf.setBackend('wasm');
await human.tf.ready();

function centralFace(faces, width, height) {
  const offset = ({ box: [x, y, w, h] }) => Math.hypot(x + w / 2 - width / 2, y + h / 2 - height / 2);
  return faces.filter((face) => face.embedding?.length).sort((one, other) => offset(one) - offset(other))[0];
}

const folder = process.argv[2];
for await (const line of readline.createInterface({ input: process.stdin })) {
  const name = line.trim();
  const picture = jpeg.decode(readFileSync(path.join(folder, name)), { useTArray: true, formatAsRGBA: false });
  const tensor = human.tf.tensor3d(new Uint8Array(picture.data), [picture.height, picture.width, 3], 'int32');
  const before = process.cpuUsage();
  const result = await human.detect(tensor);
  const spent = process.cpuUsage(before);
  human.tf.dispose(tensor);
  const face = centralFace(result.face, picture.width, picture.height);
  console.log(JSON.stringify({ name, vector: face ? Array.from(face.embedding) : null, ms: (spent.user + spent.system) / 1000 }));
}
console.log(JSON.stringify({ peak_mb: process.resourceUsage().maxRSS / 1024 }));
