#!/usr/bin/env node
// npm links only a file that is there when it installs, and dist/ is built afterwards.
const { existsSync } = require('node:fs');
const { join } = require('node:path');

const main = join(__dirname, '..', 'dist', 'cli', 'main.js');
if (existsSync(main)) {
  void require(main).main(process.argv.slice(2));
} else {
  process.stderr.write('yolov1: not built yet; run: npm run build\n');
  process.exitCode = 1;
}
