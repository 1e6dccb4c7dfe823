/**
 * `npm run layout:check`: whether every import goes down the list of rooms in scripts/layers.mjs, and none in a circle.
 * Ends with status 1, and the imports, when one does not.
 */
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { houses } from './layers.mjs';
import { checkLayout } from './layout.mjs';

const problems = await checkLayout(dirname(dirname(fileURLToPath(import.meta.url))), houses);
if (problems.length === 0) {
  console.log('Every import goes down the list of rooms.');
} else {
  console.error(problems.join('\n'));
  process.exitCode = 1;
}
