import { beatByCharacters } from '../beat-by-characters.js';
import type { StepTools } from '../row-table.js';
import type { ComparedRows } from './compared-rows.js';
import { type Copies, copiesOf, noCopies } from './copies.js';
import { eachGroupOfEqualKeys } from './equal-keys.js';
import { foldText } from './fold-text.js';
import { readTexts } from './read-texts.js';
import { createShingleReader } from './shingles.js';
import { writeNumbers } from './write-numbers.js';

/** One shingle is the whole text. */
const wholeText = { unit: 'words', size: Number.MAX_SAFE_INTEGER } as const;

/**
 * Makes the table of rows whose folded texts are equal to that of another row: `source`, `row`, `cluster`. Folded texts
 * are hashed to 64 bits, 25 bytes a row in memory, and read again and compared where the hashes are equal.
 */
export async function findFoldedCopies(compared: ComparedRows, tools: StepTools): Promise<string> {
  const { database, names } = tools;
  const candidates = names.table();
  await writeNumbers(database, candidates, { ...(await findEqualHashes(compared, tools)) });
  const copies = names.table();
  await writeNumbers(database, copies, { ...(await compareTexts(compared, candidates, tools)) });
  await database.query(`DROP TABLE ${candidates}`);
  return copies;
}

async function findEqualHashes(compared: ComparedRows, tools: StepTools): Promise<Copies> {
  const high = new Uint32Array(compared.count);
  const low = new Uint32Array(compared.count);
  const present = new Uint32Array(compared.count);
  const read = createShingleReader(wholeText);
  let texts = 0;
  let presentCount = 0;
  const places = await readTexts(compared, tools, (text) => {
    const { count, first, second } = read(text);
    if (count > 0) {
      high[texts] = first[0]!;
      low[texts] = second[0]!;
      present[presentCount++] = texts;
    }
    texts++;
  });
  const clusters = new Int32Array(compared.count).fill(-1);
  let sets = 0;
  eachGroupOfEqualKeys(present.subarray(0, presentCount), high, low, (group) => {
    for (const text of group) clusters[text] = sets;
    sets++;
  });
  return copiesOf(clusters, places);
}

/** Those of the candidates whose folded texts are equal. */
async function compareTexts({ sql }: ComparedRows, candidates: string, { database, beat }: StepTools): Promise<Copies> {
  const copies = noCopies();
  const beatBefore = beatByCharacters(beat);
  let sets = 0;
  let current: bigint | null = null;
  let byText = new Map<string, (readonly [number, number])[]>();
  const endGroup = (): void => {
    for (const places of byText.values()) {
      if (places.length < 2) continue;
      for (const [source, row] of places) {
        copies.source.push(source);
        copies.row.push(row);
        copies.cluster.push(sets);
      }
      sets++;
    }
    byText = new Map();
  };
  const ordered = `SELECT c.cluster, source, row, text FROM (${sql}) JOIN ${candidates} c USING (source, row)
    ORDER BY c.cluster, source, row`;
  for await (const chunk of database.stream(ordered)) {
    for (const [cluster, source, row, text] of chunk) {
      if (cluster !== current) endGroup();
      current = cluster as bigint;
      beatBefore((text as string).length);
      const folded = foldText(text as string);
      const place = [Number(source), Number(row)] as const;
      const places = byText.get(folded);
      if (places === undefined) byText.set(folded, [place]);
      else places.push(place);
    }
  }
  endGroup();
  return copies;
}
