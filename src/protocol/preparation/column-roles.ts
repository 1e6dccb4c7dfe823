import type { StoredColumn } from '../datasets/stored-version.js';
import type { ColumnRole } from './column-role.js';
import { type DataForm, detectForm, type SampledColumn } from './data-forms.js';

/** What is known of a column when its role is guessed. */
export interface DescribedColumn
  extends Pick<StoredColumn, 'missing' | 'distinct' | 'labels' | 'lengths'>,
    SampledColumn {}

export interface GuessedRole {
  readonly column: string;
  readonly role: ColumnRole;
  /** Why, in words that follow “because”. */
  readonly reason: string;
}

interface Facts {
  readonly column: DescribedColumn;
  /** Name in small letters, its words divided by `_`. */
  readonly name: string;
  readonly texts: readonly string[];
  readonly present: number;
}

type Guess = readonly [ColumnRole, string];

/** Texts of this many words on average are sentences. */
const sentenceWords = 4;
/** More classes than this are told by few texts each. */
const mostClasses = 1000;
const fewNumbers = 20;

const labelName =
  /(^|_)(labels?|class|classes|category|categories|intents?|sentiment|emotions?|topic|target|y|stance|judge?ment|entailment|spam|toxic|condition|polarity|verdict)(_(id|name))?$/;
const weakLabelName = /(^|_)(domain|type|kind|tag|tags|group)$|^is_/;
const numberName =
  /(^|_)(score|rating|stars|similarity|relatedness|price|amount|value|target|regression|grade|probability|label|y)$/;
const idName = /(^|_)(id|ids|uuid|guid|idx|index|key|hash|row|number|no|nr)$|^(unnamed|column1$)/;
const groupName =
  /(^|_)(user|author|session|patient|customer|group|document|doc|conversation|thread|speaker|subject|account|client|article|video|product)(_?(id|name|key))?$/;
const timeName = /(^|_)(date|time|timestamp|datetime|created|updated|posted|published|day)(_at|_on|_utc)?$/;
/** A date of ISO 8601, with or without a time of day and an offset. Files of JSON have no type for times. */
const isoTime = /^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d([.,]\d+)?)?\s?(Z|[+-]\d\d(:?\d\d)?)?)?$/i;
const weightName = /^((sample|example|row|loss)_)?weights?$/;
const splitName = /^(split|fold|partition|subset|set)$/;
const sliceName =
  /(^|_)(lang|language|locale|source|country|region|channel|platform|device|gender|license|licence|version|origin|dataset)(_(id|name))?$/;
const textName =
  /(^|_)(text|sentence|content|body|message|review|comment|tweet|utterance|document|abstract|article|post|description|question|email|passage)(_?(a|1|one))?$|^(premise|query|anchor)$/;
const secondTextName =
  /(^|_)(text|sentence|question|document|passage)(_?(b|2|two))$|^(hypothesis|positive|answer|response|context|reply)$/;
/** Prompts alone, for models to answer; long ones are texts. */
const promptName = /^prompts?$/;
const tokensName = /(^|_)(tokens?|words?|seq_in|seq\.in|sentence)$/;
const tagsName = /(^|_)(tags?|ner|pos|chunk|slots|seq_out|seq\.out|labels?|bio|iob)(_tags)?$/;

/**
 * Guesses what each column of a dataset is for, by its name, its type, how many different values it has and what they
 * look like. The guesses are shown, and can be changed.
 *
 * @param rows how many rows there are
 */
export function guessRoles(columns: readonly DescribedColumn[], rows: number): readonly GuessedRole[] {
  const found = new Map<string, Guess>();
  const form = detectForm(columns);
  if (form !== null) for (const [name, guess] of rolesOfForm(form)) found.set(name, guess);
  const facts = columns.map(
    (column): Facts => ({
      column,
      name: column.name
        .trim()
        .toLowerCase()
        .replace(/[\s-]+/g, '_'),
      texts: column.samples.map((value) => (typeof value === 'string' ? value : JSON.stringify(value))),
      present: rows - column.missing,
    }),
  );
  const rest = () => facts.filter(({ column }) => !found.has(column.name));
  const give = ({ column }: Facts, role: ColumnRole, reason: string) => found.set(column.name, [role, reason]);

  for (const each of rest()) {
    const guess = roleByItself(each, rows);
    if (guess !== null) give(each, ...guess);
  }
  giveLists(rest(), give);
  if (form === null) giveTexts(rest(), give);
  for (const each of rest()) {
    if (promptName.test(each.name) && each.column.type === 'TEXT') give(each, 'PROMPT', 'its name says so');
  }
  giveTargets(rest(), form === null, give);
  for (const each of rest()) {
    const guess = sliceOf(each) ?? (['IGNORE', 'nothing shows what it is for'] as const);
    give(each, ...guess);
  }
  return columns.map(({ name }) => {
    const [role, reason] = found.get(name)!;
    return { column: name, role, reason };
  });
}

type Give = (facts: Facts, role: ColumnRole, reason: string) => void;

function rolesOfForm(form: DataForm): (readonly [string, Guess])[] {
  const roles: [string | null, ColumnRole, string][] = (() => {
    switch (form.kind) {
      case 'messages':
        return [[form.column, 'MESSAGES', 'its values are lists of messages with role and content']];
      case 'shareGpt':
        return [[form.column, 'MESSAGES', 'its values are lists of turns with from and value']];
      case 'alpaca':
        return [
          [form.instructionColumn, 'PROMPT', 'it is the task of Alpaca’s form'],
          [form.inputColumn, 'SECOND_TEXT', 'it is what the task of Alpaca’s form is about'],
          [form.outputColumn, 'COMPLETION', 'it is the answer of Alpaca’s form'],
        ];
      case 'promptCompletion':
        return [
          [form.promptColumn, 'PROMPT', 'its name, beside that of an answer, says so'],
          [form.completionColumn, 'COMPLETION', 'its name, beside that of a prompt, says so'],
          [form.systemColumn, 'SECOND_TEXT', 'it is what is said to the model before the prompt'],
        ];
      case 'preference':
        return [
          [form.promptColumn, 'PROMPT', 'it is what both answers are to'],
          [form.chosenColumn, 'CHOSEN', 'its name says so'],
          [form.rejectedColumn, 'REJECTED', 'its name says so'],
        ];
      case 'judgedCompletion':
        return [
          [form.promptColumn, 'PROMPT', 'it is what the answer is to'],
          [form.completionColumn, 'COMPLETION', 'its name says so'],
          [form.judgmentColumn, 'LABEL', 'it says whether the answer is good'],
        ];
      default:
        return form satisfies never;
    }
  })();
  return roles.flatMap(([name, ...guess]) => (name === null ? [] : [[name, guess] as const]));
}

/** The role of a column that shows it without the others. */
function roleByItself({ column, name, present, texts }: Facts, rows: number): Guess | null {
  const { type, distinct } = column;
  const isNumber = type === 'INTEGER' || type === 'FLOAT';
  if (present === 0) return ['IGNORE', 'it has no values'];
  if (distinct === 1 && rows > 1) return ['IGNORE', 'all its values are the same'];
  if (type === 'FLOAT_LIST') return ['IGNORE', 'its values are lists of numbers'];
  if (type === 'TIMESTAMP') return ['TIME', 'its values are times'];
  if (type === 'TEXT' && texts.length > 0 && texts.every((text) => isoTime.test(text.trim()))) {
    return ['TIME', 'its values are times of ISO 8601'];
  }
  if (timeName.test(name) && (isNumber || texts.some((text) => /^\d{1,4}[-/.]\d{1,2}[-/.]\d/.test(text)))) {
    return ['TIME', 'its name and its values say so'];
  }
  if (weightName.test(name) && isNumber) return ['WEIGHT', 'its name says so'];
  if (splitName.test(name) && distinct <= 20) return ['IGNORE', 'it names splits'];
  if (groupName.test(name) && distinct < present && distinct > 1 && !isSentences(texts)) {
    return ['GROUP', 'its name says what rows belong to, and its values repeat'];
  }
  const isDistinct = distinct >= 0.99 * present && present > 1;
  if (isDistinct && type === 'INTEGER' && (idName.test(name) || isCounting(texts))) {
    return ['IGNORE', 'each row has a number of its own'];
  }
  if (isDistinct && type === 'TEXT' && isIdentifiers(name, texts)) {
    return ['IGNORE', 'each row has an identifier of its own'];
  }
  return null;
}

/** Lists of equal lengths are words and their tags; others are labels. */
function giveLists(columns: readonly Facts[], give: Give): void {
  const lists = columns.filter(({ column: { type } }) => type === 'TEXT_LIST' || type === 'INTEGER_LIST');
  const size = ({ column: { lengths } }: Facts) => JSON.stringify(lengths ?? null);
  const tokens =
    lists.find((each) => each.column.type === 'TEXT_LIST' && tokensName.test(each.name)) ??
    lists.find((each) => each.column.type === 'TEXT_LIST' && lists.some((other) => isTagsOf(other, each)));
  const tags = tokens === undefined ? [] : lists.filter((each) => each !== tokens && size(each) === size(tokens));
  if (tokens !== undefined)
    give(tokens, 'TOKENS', tags.length > 0 ? 'its lists are as long as those of tags' : 'its name says so');
  for (const each of tags) give(each, 'TAGS', 'its lists are as long as those of words');
  for (const each of lists) {
    if (each === tokens || tags.includes(each)) continue;
    if (each.column.labels !== null) give(each, 'LABELS', 'its lists are made of few different items');
  }

  function isTagsOf(tagging: Facts, words: Facts): boolean {
    const { labels } = tagging.column;
    return tagging !== words && size(tagging) === size(words) && (tagsName.test(tagging.name) || isIob(labels));
  }
}

function isIob(labels: DescribedColumn['labels']): boolean {
  return labels !== null && labels.length > 1 && labels.every(({ label }) => /^(O|[BIES]-.+)$/.test(label));
}

function giveTexts(columns: readonly Facts[], give: Give): void {
  const texts = columns.filter(({ column, texts: samples, present, name }) => {
    if (column.type !== 'TEXT' || labelName.test(name)) return false;
    return isSentences(samples) || (textName.test(name) && column.distinct > 0.5 * present);
  });
  const second = texts.find(({ name }) => secondTextName.test(name));
  const first =
    texts.find((each) => each !== second && textName.test(each.name)) ??
    texts.filter((each) => each !== second).sort((a, b) => meanLength(b.texts) - meanLength(a.texts))[0] ??
    second;
  if (first === undefined) return;
  const isAlone = texts.length === 1;
  give(
    first,
    'TEXT',
    isAlone
      ? 'its values are the only texts'
      : textName.test(first.name)
        ? 'its name says so'
        : 'its values are the longest texts',
  );
  if (second !== undefined && second !== first)
    give(second, 'SECOND_TEXT', 'its name says that it belongs to another text');
  for (const each of texts) {
    if (each !== first && each !== second) give(each, 'IGNORE', 'it is a text beside the one that is learned from');
  }
}

function giveTargets(columns: readonly Facts[], isTask: boolean, give: Give): void {
  const targets = columns.map((each) => ({ each, guess: targetOf(each) }));
  const strong = targets.filter(({ guess }) => guess?.isNamed === true);
  // Beside conversations a column of few values is rather a group to look at than a task.
  const weak = targets.filter(({ guess }) => guess !== null && !guess.isNamed);
  const chosen = strong.length > 0 || !isTask ? strong : weak.slice(0, 1);
  for (const { each, guess } of chosen) give(each, guess!.role, guess!.reason);
  if (!isTask) return;
  for (const { each, guess } of strong.length > 0 ? weak : weak.slice(1)) {
    if (weakLabelName.test(each.name) && guess!.role === 'LABEL') give(each, 'LABEL', 'its name may say so');
  }
}

interface Target {
  readonly role: 'LABEL' | 'LABELS' | 'NUMBER';
  readonly reason: string;
  readonly isNamed: boolean;
}

/** What a column would be to learn; null: it is nothing to learn. */
function targetOf({ column, name, present, texts }: Facts): Target | null {
  const { type, distinct, labels } = column;
  const isNamed = labelName.test(name);
  if (sliceName.test(name)) return null;
  if (type === 'TEXT' && areJoined(texts)) {
    return { role: 'LABELS', reason: 'its values are lists of names with a sign between them', isNamed: true };
  }
  if (type === 'FLOAT') {
    const isNumber = numberName.test(name) || isNamed;
    return isNumber || distinct > fewNumbers
      ? {
          role: 'NUMBER',
          reason: isNumber ? 'its name and its fractions say so' : 'it has many different numbers',
          isNamed: isNumber,
        }
      : { role: 'NUMBER', reason: 'its values are fractions', isNamed: false };
  }
  if (type === 'INTEGER' && !isNamed && (numberName.test(name) || distinct > fewNumbers)) {
    return { role: 'NUMBER', reason: 'its values are numbers', isNamed: numberName.test(name) };
  }
  const areFew = labels !== null && distinct <= mostClasses && distinct <= 0.5 * present;
  const isClass = (type === 'TEXT' && !isSentences(texts)) || type === 'INTEGER' || type === 'BOOLEAN';
  if (!isClass || !(areFew || (isNamed && labels !== null))) return null;
  return { role: 'LABEL', reason: isNamed ? 'its name says so' : 'it has few different values', isNamed };
}

/** A column by whose values the rows can be looked at in parts. */
function sliceOf({ column, name, present, texts }: Facts): Guess | null {
  const { labels, distinct, type } = column;
  const isValue = type === 'TEXT' || type === 'BOOLEAN' || type === 'INTEGER';
  if (!isValue || labels === null || distinct > 0.5 * present || isSentences(texts)) return null;
  if (type === 'INTEGER' && !sliceName.test(name) && distinct > fewNumbers) return null;
  return ['SLICE', sliceName.test(name) ? 'its name says so' : 'it has few different values'];
}

function isSentences(texts: readonly string[]): boolean {
  if (texts.length === 0) return false;
  const words = texts.reduce((sum, text) => sum + text.trim().split(/\s+/).length, 0) / texts.length;
  // Languages without blanks between words.
  return (
    words >= sentenceWords ||
    (meanLength(texts) >= 15 && /[\u3040-\u30ff\u4e00-\u9fff\u0e00-\u0e7f]/.test(texts.join('')))
  );
}

function meanLength(texts: readonly string[]): number {
  return texts.length === 0 ? 0 : texts.reduce((sum, text) => sum + text.length, 0) / texts.length;
}

/** Whether numbers go up by one from row to row. */
function isCounting(texts: readonly string[]): boolean {
  return texts.length > 2 && texts.every((text, index) => index === 0 || Number(text) === Number(texts[index - 1]) + 1);
}

/** Whether texts are made to tell rows apart: without blanks, and of letters and digits in no order. */
function isIdentifiers(name: string, texts: readonly string[]): boolean {
  const areCodes = texts.every((text) => /^\S+$/.test(text));
  const haveDigits = texts.filter((text) => /\d/.test(text)).length >= 0.5 * texts.length;
  const lengths = new Set(texts.map((text) => text.length));
  return areCodes && (idName.test(name) || (haveDigits && texts.length > 2 && lengths.size <= 3));
}

/** Whether values are short names with a sign between them, as `4,27` and `joy|love`; some rows have only one. */
function areJoined(texts: readonly string[]): boolean {
  if (texts.length === 0) return false;
  return [',', ';', '|'].some((sign) => {
    const divided = texts.map((text) => text.split(sign).map((item) => item.trim()));
    if (divided.filter((items) => items.length > 1).length < 0.02 * texts.length) return false;
    const items = divided.flat();
    const areNames = items.every((item) => item !== '' && item.length <= 40 && item.split(/\s+/).length <= 3);
    // The same names stand in many rows.
    return areNames && divided.some((each) => each.length > 1) && new Set(items).size <= 0.6 * items.length;
  });
}
