import { type ModelHead, type RewardHead, readsTokens } from '../../../src/protocol/heads.js';
import type { LanguageObjective } from '../../../src/protocol/methods/language-modelling.js';

/** What a card says of heads, by their kinds. */

/** The hub's name of what a model does: the list of tasks at https://huggingface.co/tasks. */
export function pipelineTag(heads: readonly ModelHead[], predicts: LanguageObjective | null): string | null {
  if (heads.length === 0) return predicts === null ? null : ofLanguage[predicts].tag;
  return heads.every(readsTokens) ? 'token-classification' : 'text-classification';
}

/** What models without heads are, by the tokens that they predict. */
const ofLanguage: Readonly<Record<LanguageObjective, { readonly tag: string; readonly title: string }>> = {
  causal: { tag: 'text-generation', title: 'A causal language model kept in Attune' },
  masked: { tag: 'fill-mask', title: 'A masked language model kept in Attune' },
};

export function cardTitle(heads: readonly ModelHead[], predicts: LanguageObjective | null): string {
  const [head, ...others] = heads;
  if (head === undefined) return predicts === null ? 'An encoder kept in Attune' : ofLanguage[predicts].title;
  const kinds = others.every(({ kind }) => kind === head.kind) ? head.kind : 'several';
  switch (kinds) {
    case 'classification':
      return 'A text classifier trained with Attune';
    case 'multiLabel':
      return 'A multi-label text classifier trained with Attune';
    case 'regression':
      return 'A text regression model trained with Attune';
    case 'tokenClassification':
      return 'A token classifier trained with Attune';
    case 'reward':
      return 'A reward model trained with Attune';
    case 'several':
      return 'A model of several tasks trained with Attune';
    default:
      return kinds satisfies never;
  }
}

/** A line on a head: its task, and what its outputs are, in their order. */
export function describeHead(head: ModelHead): string {
  return `- \`${head.task}\`${outputsOf(head)}`;
}

function outputsOf(head: ModelHead): string {
  switch (head.kind) {
    case 'classification':
      return `: ${quoted(head.labels)}`;
    case 'multiLabel': {
      const from = head.labels.map((label, c) => `\`${label}\` from ${head.thresholds[c] ?? 0.5}`);
      return `, any number of labels, each from a probability on that was chosen for it: ${from.join(', ')}`;
    }
    case 'regression': {
      const { means, scales } = head;
      const measured = head.outputs.map(
        (name, k) => `\`${name}\` (mean ${means[k] ?? 0}, deviation ${scales[k] ?? 1})`,
      );
      return `, numbers in the unit of the training data, which had: ${measured.join(', ')}`;
    }
    case 'reward':
      return `, one number for a prompt with an answer, higher for better answers; standardized it is (output − ${head.mean}) / ${head.scale}. ${evidenceOf(head)}`;
    case 'tokenClassification':
      return `, tags of words, ${head.scheme === 'iob2' ? 'IOB2' : 'each for itself'}, read at a word's first token: ${quoted(head.labels)}`;
    default:
      return head satisfies never;
  }
}

function evidenceOf({ evidence }: RewardHead): string {
  if (evidence === null) return 'How often it puts the better answer first is not known';
  const { right, pairs, low, high } = evidence;
  const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
  return `It puts the better answer first in ${right} of ${pairs} pairs that it did not learn (95 %: ${percent(low)} to ${percent(high)})`;
}

function quoted(names: readonly string[]): string {
  return names.map((name) => `\`${name}\``).join(', ');
}
