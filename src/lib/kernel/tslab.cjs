// Starts tslab's kernel for a Jupyter connection file: `node tslab.cjs CONNECTION_FILE`.
//
// Plain JavaScript, because Jupyter starts it as well, without any of our build.
'use strict';

const { createRequire } = require('node:module');
const { join } = require('node:path');
const { forCells, showChildren } = require('./cells.cjs');

// The tslab of the notebook's folder, as `import` in its cells would find it.
const local = createRequire(join(process.cwd(), 'notebook.js'));
const main = resolveFirst([local, require], 'tslab/dist/main.js');
const { Publisher, Router } = createRequire(main)('zeromq');

// As it is, a cell that prints more than 500 lines without a pause loses the rest of its output, and the news that it is
// idle; on a slow machine an answer that comes while another is sent is lost, too, and its reader waits for ever. The socket
// then answers "busy". With no time to wait it takes everything at once, and without a limit on its queue it drops nothing.
for (const { prototype } of [Publisher, Router]) {
  const { bind } = prototype;
  Object.defineProperty(prototype, 'bind', {
    value: function bindUnlimited(address) {
      this.sendTimeout = 0;
      this.sendHighWaterMark = 0;
      return bind.call(this, address);
    },
  });
}

// Of an empty text that a cell prints nothing is seen; JupyterLab would keep an output for it.
const { JupyterHandlerImpl } = createRequire(main)('./jupyter.js');
const { createWriteToIopub } = JupyterHandlerImpl.prototype;
JupyterHandlerImpl.prototype.createWriteToIopub = function createWriteOfText(stream, writeStream) {
  return createWriteToIopub.call(this, stream, (name, text) => {
    if (text !== '') writeStream(name, text);
  });
};

const executor = createRequire(main)('./executor.js');
executor.createExecutor = forCells(executor.createExecutor);
showChildren();

require(main).startKernel({ configPath: process.argv[2], enableFindLocal: false });

function resolveFirst(requires, id) {
  const found = requires.map((from) => {
    try {
      return from.resolve(id);
    } catch {
      return undefined;
    }
  });
  const path = found.find((candidate) => candidate !== undefined);
  if (path) return path;
  console.error('the npm package tslab is not installed; run `npm start` first');
  process.exit(1);
}
