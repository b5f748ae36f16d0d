import { testNotebook } from './testNotebook';

testNotebook(__filename);
