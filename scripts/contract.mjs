/**
 * `npm run schema:breaking`: whether schema.graphql still keeps what the last release promised
 * (docs/contract/released.graphql). Ends with status 1, and the list, when it does not. Needs nothing but these two
 * files: no history, no network.
 *
 * `npm run schema:release`: makes schema.graphql the promise, with each release. Refuses what breaks clients, unless
 * told `-- --break`: then the difference of the released file is what a reviewer has to agree to.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { compareContracts } from './compare-contracts.mjs';

const presentPath = 'schema.graphql';
const releasedPath = 'docs/contract/released.graphql';
const heading =
  '# The contract of the last release. Written by `npm run schema:release`; what clients may rely on (docs/contract.md).\n';

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { break: { type: 'boolean', default: false } },
});
const [released, present] = await Promise.all([releasedPath, presentPath].map((path) => readFile(path, 'utf8')));
const { breaking, dangerous } = await compareContracts(released, present);

if (dangerous.length > 0) console.log(`May surprise clients:\n${list(dangerous)}\n`);
if (breaking.length > 0 && !values.break) {
  console.error(`Breaks what the last release promised (${releasedPath}):\n${list(breaking)}

Keep the old next to the new, deprecated with a reason (\`deprecationReason\`), and release that: what a released contract has
deprecated may go. Where that can't be, \`npm run schema:release -- --break\` makes a new promise, for a reviewer to see.`);
  process.exitCode = 1;
} else if (positionals[0] === 'release') {
  await writeFile(releasedPath, heading + present.slice(present.indexOf('\n') + 1));
  console.log(`${releasedPath} is now what ${presentPath} says.`);
} else {
  console.log('Nothing breaks what the last release promised.');
}

function list(changes) {
  return changes.map((change) => `- ${change}`).join('\n');
}
