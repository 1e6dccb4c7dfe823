import type { ModelHead } from '../../../src/protocol/heads.js';
import { fenced, python } from './python-code.js';

/** How a pipeline of transformers runs the one head of an exported model, by its kind. */
export function pipelineUsage(head: ModelHead, maxLength: number | null, readsPairs: boolean): string {
  const text = readsPairs ? '{"text": "a text", "text_pair": "its second text"}' : '"a text"';
  const cut = `, truncation=True${maxLength === null ? '' : `, max_length=${maxLength}`}`;
  const classifier = (options: string) => `pipeline("text-classification", model="<this folder>"${cut}${options})`;
  switch (head.kind) {
    case 'classification':
      return fenced('python', ...imports, '', `classify = ${classifier('')}`, `classify(${text})`);
    case 'multiLabel':
      return fenced(
        'python',
        ...imports,
        '',
        `classify = ${classifier(', function_to_apply="sigmoid"')}`,
        `thresholds = ${python(Object.fromEntries(head.labels.map((label, c) => [label, head.thresholds[c] ?? 0.5])))}`,
        `[given["label"] for given in classify(${text}, top_k=None) if given["score"] >= thresholds[given["label"]]]`,
      );
    case 'regression':
      return fenced(
        'python',
        ...imports,
        '',
        `measure = ${classifier(', function_to_apply="none"')}`,
        `{given["label"]: given["score"] for given in measure(${text}, top_k=None)}`,
      );
    case 'reward':
      return fenced(
        'python',
        ...imports,
        '',
        `reward = ${classifier(', function_to_apply="none"')}`,
        `reward(${text})[0]["score"]`,
      );
    case 'tokenClassification':
      return [
        fenced(
          'python',
          'from transformers import AutoTokenizer, pipeline',
          '',
          // This pipeline takes no max_length: it cuts where the tokenizer says.
          `tokenizer = AutoTokenizer.from_pretrained("<this folder>"${maxLength === null ? '' : `, model_max_length=${maxLength}`})`,
          'tag = pipeline("token-classification", model="<this folder>", tokenizer=tokenizer, aggregation_strategy="first")',
          'tag("a text")',
        ),
        '',
        'Its words are those of the tokenizer, and a word’s tag is that of its first token. Where a tokenizer parts a word at its punctuation (“U.N.”), the tag of the first part is the word’s.',
      ].join('\n');
    default:
      return head satisfies never;
  }
}

const imports = ['from transformers import pipeline'];
