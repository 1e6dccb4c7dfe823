import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { houses } from '../../../scripts/layers.mjs';

const text = readFileSync(new URL('../../../docs/architecture.md', import.meta.url), 'utf8');

/** The first cells of the table under `### \`<folder>/\``: the rooms that the document names, in its order. */
function roomsIn(folder: string): string[] {
  const section = text.split(/^#{2,3} /m).find((each) => each.startsWith(`\`${folder}/\`\n`)) ?? '';
  return [...section.matchAll(/^\| `([^`]+)` \| \S/gm)].map(([, room]) => room!);
}

test.each(houses)('docs/architecture.md has the rooms of $folder in the order of scripts/layers.mjs', (house) => {
  expect(roomsIn(house.folder)).toEqual(house.rooms);
});
