import { describe, expect, it } from 'vitest';
import {
  balanceLabels,
  drawGroups,
  drawStratified,
  dropColumns,
  dropCopies,
  dropLanguages,
  dropLeaks,
  dropMissing,
  keepBetween,
  keepOfLength,
  mapLabels,
  maskPersonalData,
  repairMojibake,
  resolveConflicts,
} from '../../../../gpu-worker/preparation/report/suggested-steps.js';
import { PreparationStep } from '../../../../src/protocol/preparation/recipe.js';
import { BalanceLabels } from '../../../../src/protocol/preparation/steps/augmentation.js';
import { MaskPersonalData, usualScan } from '../../../../src/protocol/preparation/steps/personal-data.js';

const suggested = [
  dropColumns(['a']),
  dropMissing(['a'], true),
  dropCopies(['text'], 'exact', ['test', 'train']),
  dropCopies(['text'], 'normalized', ['test', 'train']),
  dropCopies(['text'], 'near', ['test', 'train']),
  dropLeaks(['text'], 'normalized', ['test', 'train']),
  dropLeaks(['text'], 'near', ['test', 'train']),
  resolveConflicts(['text'], 'label'),
  drawStratified(
    [
      { split: 'train', rows: 8 },
      { split: 'test', rows: 2 },
    ],
    'label',
  ),
  drawGroups([{ split: 'train', rows: 8 }], 'author', null),
  keepBetween('value', -1.5, 9),
  keepOfLength('text', null, 128),
  mapLabels('label', [{ from: 'A', to: 'a' }]),
  balanceLabels('label', 'train'),
  dropLanguages('text', ['de', 'fr']),
  maskPersonalData('text', usualScan),
  repairMojibake('text'),
];

/** The kinds that recipes have. */
const kinds = new Set<string>(PreparationStep.options.map((option) => option.shape.kind.value));

describe('suggested steps', () => {
  it.each(suggested.filter(({ kind }) => kinds.has(kind)))('can be appended to a recipe: $kind', (step) => {
    // Nothing of it is unknown to the recipe, either.
    expect(PreparationStep.parse(step)).toEqual(step);
  });

  it('are as their own schemas have them', () => {
    const balance = balanceLabels('label', 'train');
    expect(BalanceLabels.parse(balance)).toEqual(balance);
    const mask = maskPersonalData('text', usualScan);
    expect(MaskPersonalData.parse(mask)).toEqual(mask);
  });
});
