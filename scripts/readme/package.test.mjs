// The README of the package.
import { testPage } from './testPage.mjs';

testPage('src/yolo/README.md');
