// The project's README, without the section that trains at full scale.
import { testPage } from './testPage.mjs';

testPage('README.md', (heading) => heading !== 'On a GPU');
