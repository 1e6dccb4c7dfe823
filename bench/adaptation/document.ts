import type { Machine } from '../machine.js';
import { sum } from '../statistics.js';
import { Adaptation, Classifier, type Result } from './results.js';

const trainsTitles = { head: 'a head over frozen layers', full: 'all layers' } as const;

/** The tables of docs/methods/domain-adaptation.md, of all that was measured. */
export function tables(results: readonly Result[], machine: Machine): string {
  const adaptations = results.filter((each) => each.kind === 'adaptation').map((each) => Adaptation.parse(each));
  const classifiers = results.filter((each) => each.kind === 'classifier').map((each) => Classifier.parse(each));
  return [
    `Measured on ${machine.processor} with ONNX Runtime ${machine.onnxruntime}, one thread or two.`,
    ...adaptations.flatMap(ofAdaptation),
    '### Accuracy on the held-out abstracts',
    'Mean of the seeds, and each of them. A seed draws the labelled examples and the head; both bases have the same.',
    accuracyTable(classifiers),
  ].join('\n\n');
}

function ofAdaptation({ texts, tokens, heldOut, controlTexts, learningRate, epochs, points, seconds }: Adaptation) {
  const rows = points.map(
    ({ step, abstracts, control }) => `| ${step} | ${abstracts.toFixed(1)} | ${control.toFixed(1)} |`,
  );
  return [
    '### Perplexity of masked tokens',
    `${texts} abstracts of ${tokens.toLocaleString('en')} tokens, ${epochs} epoch${epochs === 1 ? '' : 's'}, rate ${learningRate}, ${Math.round(seconds / 60)} minutes; measured on ${heldOut} other abstracts, and on ${controlTexts} glosses of WordNet as control texts.`,
    ['| updates | abstracts | glosses |', '| --- | --- | --- |', ...rows].join('\n'),
  ];
}

function accuracyTable(classifiers: readonly Classifier[]): string {
  const lines = ['| trained | labels a class | as it was | adapted | difference |', '| --- | --- | --- | --- | --- |'];
  const groups = new Map(classifiers.map(({ trains, perLabel }) => [`${trains} ${perLabel}`, { trains, perLabel }]));
  for (const { trains, perLabel } of groups.values()) {
    const of = classifiers.filter((each) => each.trains === trains && each.perLabel === perLabel);
    const seedsOf = (isAdapted: boolean) => of.filter((each) => each.isAdapted === isAdapted);
    const [before, after] = [seedsOf(false), seedsOf(true)];
    // Only seeds that both bases were trained with are compared.
    const seeds = before.map(({ seed }) => seed).filter((seed) => after.some((each) => each.seed === seed));
    if (seeds.length === 0) continue;
    const scores = (side: readonly Classifier[]) =>
      seeds.map((seed) => side.find((each) => each.seed === seed)!.accuracy);
    const [a, b] = [scores(before), scores(after)];
    const mean = (values: readonly number[]) => sum(values) / values.length;
    const shown = (values: readonly number[]) =>
      `${mean(values).toFixed(3)} (${values.map((value) => value.toFixed(3)).join(', ')})`;
    const difference = mean(b) - mean(a);
    const signed = `${difference < 0 ? '−' : '+'}${Math.abs(difference).toFixed(3)}`;
    lines.push(`| ${trainsTitles[trains]} | ${perLabel} | ${shown(a)} | ${shown(b)} | ${signed} |`);
  }
  return lines.join('\n');
}
