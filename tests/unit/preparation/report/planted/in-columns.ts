import { below, digits, drawn, pick, seeded } from '../../personal-data/draw.js';
import { labelledTypes, openCleanRows } from './clean-rows.js';
import type { PlantedVersion } from './planted-version.js';
import { topics } from './real-texts.js';

const hex = '0123456789abcdef';

/** Columns that tell nothing apart, everything, or the label; and beside each kind, columns that nearly do. */
export function plantColumns(seed: number): PlantedVersion {
  const random = seeded(seed);
  const rows = openCleanRows(random)
    .rows(300)
    .map((row, i) => {
      const topic = topics.indexOf(row.label as (typeof topics)[number]);
      const wrong = random() < 0.01 ? below(random, topics.length) : topic;
      return {
        ...row,
        source: 'web',
        edition: 3,
        archived: false,
        nearly_constant: i === 77 ? 'print' : 'web',
        id: 1000 + i,
        uuid: drawn(random, hex, 32),
        ticket: `T-${i}-${digits(random, 4)}`,
        nearly_id: `row ${i === 0 ? 1 : i}`,
        ratio: random(),
        folder: `data/${topics[wrong]}`,
        queue: `team ${topic * 3 + below(random, 3)}`,
        measured: topic + 0.8 * random(),
        // Of a topic in two thirds of the rows.
        desk: random() < 0.66 ? `desk ${topic}` : `desk ${below(random, topics.length)}`,
        hour: below(random, 24),
        pair: `pair ${i >> 1}`,
        city: pick(random, ['Rome', 'Oslo', 'Lima']),
      };
    });
  const text = 'VARCHAR';
  return {
    name: `columns, seed ${seed}`,
    types: {
      ...labelledTypes,
      ...{ source: text, edition: 'BIGINT', archived: 'BOOLEAN', nearly_constant: text },
      ...{ id: 'BIGINT', uuid: text, ticket: text, nearly_id: text, ratio: 'DOUBLE' },
      ...{ folder: text, queue: text, measured: 'DOUBLE', desk: text, hour: 'BIGINT', pair: text, city: text },
    },
    rows,
    planted: {
      CONSTANT_COLUMN: ['source', 'edition', 'archived'],
      ID_LIKE_COLUMN: ['id', 'uuid', 'ticket'],
      COLUMN_GIVES_LABEL_AWAY: ['folder', 'queue', 'measured'],
    },
  };
}
