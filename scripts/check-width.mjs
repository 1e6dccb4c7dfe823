/**
 * The second half of `npm run lint`: whether lines of comments and documents are at most 120 characters wide. Biome
 * wraps code, and neither of these. Ends with status 1, and the lines, when some are wider.
 */
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkWidth, maxWidth } from './wide-lines.mjs';

const problems = await checkWidth(dirname(dirname(fileURLToPath(import.meta.url))));
if (problems.length === 0) {
  console.log(`No line of a comment or document is wider than ${maxWidth} characters.`);
} else {
  console.error(problems.join('\n'));
  process.exitCode = 1;
}
