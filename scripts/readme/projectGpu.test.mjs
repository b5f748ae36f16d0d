// The section of the project's README that trains at full scale, for one epoch.
import { testPage } from './testPage.mjs';

testPage('README.md', (heading) => heading === 'On a GPU');
