import { globalId } from '../../graphql/global-id.js';
import type { ColumnType } from '../../protocol/datasets/column-type.js';
import type { Prompt } from '../../protocol/generation.js';
import type { ColumnRole } from '../../protocol/preparation/column-role.js';
import type { SampleFigures, SampleRules } from '../../protocol/samples/samples-reading.js';
import type { ScoredSample } from '../../protocol/samples/score-samples-job.js';
import { sha256Hex } from '../../protocol/sha256-hex.js';
import type { ScoredPromptRow } from '../scored-samples.reads.js';

/** A column of the rows that samples become, and what it is for. */
export interface SampleColumn {
  readonly name: string;
  readonly type: ColumnType;
  readonly role: ColumnRole;
}

/** The column by which rows are kept together in one split: those about one prompt. */
export const groupColumn = 'group';

/** @param areConversations whether any prompt is a conversation: then all of them are written as one */
export function columnsOfSamples({ rows }: SampleRules, areConversations: boolean): readonly SampleColumn[] {
  const text: ColumnType = areConversations ? 'JSON' : 'TEXT';
  const column = (name: string, type: ColumnType, role: ColumnRole) => ({ name, type, role });
  const prompt = column('prompt', text, 'PROMPT');
  const completion = column('completion', text, 'COMPLETION');
  const beside = [
    column(groupColumn, 'TEXT', 'GROUP'),
    column('sourceRow', 'INTEGER', 'IGNORE'),
    column('samples', 'TEXT', 'IGNORE'),
  ];
  switch (rows) {
    case 'winners':
      return [
        ...(areConversations ? [column('messages', 'JSON', 'MESSAGES')] : [prompt, completion]),
        column('reward', 'FLOAT', 'IGNORE'),
        ...beside,
      ];
    case 'pairs':
      return [
        prompt,
        column('chosen', text, 'CHOSEN'),
        column('rejected', text, 'REJECTED'),
        column('strength', 'FLOAT', 'IGNORE'),
        ...beside,
      ];
    case 'all':
      return [
        prompt,
        completion,
        column('reward', 'FLOAT', 'NUMBER'),
        column('tokenCount', 'INTEGER', 'IGNORE'),
        column('sample', 'INTEGER', 'IGNORE'),
        ...beside,
      ];
    default:
      return rows satisfies never;
  }
}

/** Why a prompt became no row. */
export type LeftOut = Exclude<keyof SampleFigures, 'prompts' | 'rows'>;

type Scored = ScoredSample & { readonly reward: number; readonly sample: number };

/**
 * What the samples of a prompt become; or why they become nothing. Of samples with equal rewards, the one that was
 * drawn first counts.
 */
export function rowsOfPrompt(
  { row, prompt, samples }: Omit<ScoredPromptRow, 'position'>,
  rules: SampleRules,
  areConversations: boolean,
  samplesId: string,
): readonly Readonly<Record<string, unknown>>[] | LeftOut {
  const scored = samples.flatMap((sample, at): Scored[] =>
    sample.reward === null || (sample.reason === 'length' && !rules.withCut)
      ? []
      : [{ ...sample, reward: sample.reward, sample: at }],
  );
  const [first] = scored;
  if (first === undefined) return 'unscored';
  const best = scored.reduce((found, each) => (each.reward > found.reward ? each : found), first);
  const worst = scored.reduce((found, each) => (each.reward < found.reward ? each : found), first);
  const own = {
    [groupColumn]: sha256Hex(JSON.stringify(prompt)),
    sourceRow: row,
    samples: globalId('ScoredSamples', samplesId),
  };
  const asked = areConversations ? turnsOf(prompt) : textOf(prompt);
  const said = ({ text }: Scored) => (areConversations ? [{ role: 'assistant', content: text }] : text);
  if (rules.rows === 'all') {
    return scored.map((each) => {
      const { reward, tokenCount, sample } = each;
      return { prompt: asked, completion: said(each), reward, tokenCount, sample, ...own };
    });
  }
  if (rules.leastReward !== null && best.reward < rules.leastReward) return 'belowLeast';
  if (rules.rows === 'winners') {
    const { reward } = best;
    if (areConversations) return [{ messages: [...turnsOf(prompt), ...(said(best) as object[])], reward, ...own }];
    return [{ prompt: asked, completion: said(best), reward, ...own }];
  }
  const margin = best.reward - worst.reward;
  if (margin <= rules.leastMargin || best.text === worst.text) return 'tied';
  return [{ prompt: asked, chosen: said(best), rejected: said(worst), strength: margin, ...own }];
}

function turnsOf(prompt: Prompt): readonly object[] {
  return prompt.kind === 'messages' ? prompt.messages : [{ role: 'user', content: prompt.text }];
}

function textOf(prompt: Prompt): string {
  return prompt.kind === 'text' ? prompt.text : '';
}
