import { foldLabel } from '../../../src/preparation/fold-label.js';
import type { MapLabels } from '../../../src/protocol/preparation/steps/cleaning.js';

/** The new name of a label: null when the label is removed. */
export function labelMapping(step: MapLabels): (label: string) => string | null {
  const { labels, others } = step;
  const names = new Map(labels.map(({ from, to }) => [foldLabel(from, step), to]));
  return (label) => {
    const mapped = names.get(foldLabel(label, step));
    return mapped !== undefined ? mapped : others === 'KEEP' ? label : null;
  };
}
