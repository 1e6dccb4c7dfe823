import type { EncoderConfig } from '../../architectures/encoder-run.js';

type Family = EncoderConfig['architecture'];

/** What PEFT puts before every name in an adapter's file: the adapted model is `base_model.model` of its own one. */
const peftPrefix = 'base_model.model.';

/** In a family's `…ForSequenceClassification`: where the head lies, and what is the pooler here. The bare model lies at the family's name. */
const classifiers: Readonly<Record<Family, { readonly head: string; readonly pooler: string }>> = {
  bert: { head: 'classifier', pooler: 'bert.pooler.dense' },
  distilbert: { head: 'classifier', pooler: 'pre_classifier' },
  roberta: { head: 'classifier.out_proj', pooler: 'classifier.dense' },
};

/** The name a tensor has here. The encoder's are named alike in a bare model and within a classifier, but for the family's name before them. */
export function fromPeftName(family: Family, name: string, task: string): string {
  const inside = name.startsWith(peftPrefix) ? name.slice(peftPrefix.length) : name;
  const { head, pooler } = classifiers[family];
  for (const [theirs, ours] of [
    [pooler, 'pooler.dense'],
    [head, `heads.${task}`],
  ] as const) {
    if (inside.startsWith(`${theirs}.`)) return `${ours}${inside.slice(theirs.length)}`;
  }
  return inside.startsWith(`${family}.`) ? inside.slice(family.length + 1) : inside;
}

/** The name a tensor has in PEFT's file of an adapter for the family's `…ForSequenceClassification`, which has the one head. */
export function toClassifierName(family: Family, name: string): string {
  const { head, pooler } = classifiers[family];
  const inside = name.startsWith('pooler.dense.')
    ? name.replace('pooler.dense', pooler)
    : name.startsWith('heads.')
      ? name.replace(/^heads\..+(?=\.)/, head)
      : `${family}.${name}`;
  return `${peftPrefix}${inside}`;
}

/** The name in PEFT's file of an adapter for the bare model. */
export function toBareName(name: string): string {
  return `${peftPrefix}${name}`;
}

/** Modules that PEFT must train and keep in full beside the adapter, so that a loaded classifier has all it reads. */
export function modulesToSave(family: Family, hasPooler: boolean): string[] {
  switch (family) {
    case 'bert':
      return hasPooler ? ['classifier', 'pooler'] : ['classifier'];
    case 'distilbert':
      return ['classifier', 'pre_classifier'];
    case 'roberta':
      return ['classifier'];
    default:
      return family satisfies never;
  }
}
