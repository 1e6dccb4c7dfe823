import { type InputProblem, problem } from '../../problems/problem.js';
import type { ConversationForm } from '../../protocol/conversation-form.js';
import type { VersionRoles } from '../../protocol/preparation/assigned-roles.js';
import type { ColumnRole } from '../../protocol/preparation/column-role.js';
import { formOfAnswers } from '../../protocol/preparation/data-forms.js';
import { type ChosenColumn, columnByRole, columnsWithRole } from '../columns-by-role.js';
import type { ExampleReader } from '../dataset-commands.js';

const sampledRows = 5;

/** The form of a version's conversations, by the roles of its columns; null, with problems, where these do not say. */
export interface FormByRoles {
  readonly form: ConversationForm | null;
  readonly chosen: readonly ChosenColumn[];
  readonly problems: readonly InputProblem[];
}

/**
 * How rows hold conversations: in the column of messages, or in those of prompts and completions.
 * @param path of the form in the input
 */
export async function formByRoles(
  version: { readonly digest: string; readonly roles: VersionRoles },
  examples: Pick<ExampleReader, 'readExamples'>,
  path: readonly string[],
): Promise<FormByRoles> {
  const messages = columnsWithRole(version, ['MESSAGES']);
  const answers = columnsWithRole(version, ['PROMPT', 'COMPLETION']);
  const pairs = columnsWithRole(version, ['CHOSEN', 'REJECTED']);
  if (pairs.length > 0 && messages.length === 0 && columnsWithRole(version, ['COMPLETION']).length === 0) {
    return {
      form: null,
      chosen: [],
      problems: [
        onlyPairs(
          pairs.map(({ column }) => column),
          path,
        ),
      ],
    };
  }
  if (messages.length > 0 && answers.length === 0) {
    const { chosen, problems } = columnByRole(version, ['MESSAGES'], { what: 'the column of the conversations', path });
    if (chosen === null) return { form: null, chosen: [], problems };
    const { column } = chosen;
    const kind = await kindOfTurns(version, column, examples);
    return { form: { kind, column }, chosen: [{ ...chosen, path: [...path, kind, 'column'] }], problems };
  }
  if (messages.length === 0 && answers.length > 0) return ofAnswers(version, path);
  const candidates = [...messages, ...answers].map(({ column }) => column);
  const what = 'The input does not say how rows hold conversations';
  const unclear =
    candidates.length === 0
      ? problem(path, 'REQUIRED', `${what}, and no column has the role MESSAGES, PROMPT or COMPLETION.`, nameThem)
      : {
          ...problem(
            path,
            'UNCLEAR_COLUMN',
            `${what}: columns have the role MESSAGES, and others PROMPT or COMPLETION.`,
          ),
          candidates,
        };
  return { form: null, chosen: [], problems: [unclear] };
}

/** Of pairs of answers, nobody means the chosen ones alone unless they say so. */
function onlyPairs(candidates: readonly string[], path: readonly string[]): InputProblem {
  const message =
    'The rows hold pairs of answers (the roles CHOSEN and REJECTED), and this method learns from answers without a comparison.';
  const hint =
    'To learn from the chosen answers alone, name their column. Texts: `promptCompletion`; lists of messages that hold the prompt too: `messages`.';
  return { ...problem(path, 'REQUIRED', message, hint), candidates };
}

const nameThem = 'Name the columns, e.g. `messages: { column: "messages" }`.';

/** Turns are of ShareGPT's form if those of most of the first rows say `from`; otherwise of OpenAI's. */
async function kindOfTurns(
  { digest }: { readonly digest: string },
  column: string,
  examples: Pick<ExampleReader, 'readExamples'>,
): Promise<'messages' | 'shareGpt'> {
  const rows = await examples.readExamples({ digest, split: null, limit: sampledRows });
  const areFrom = rows.filter(({ values }) => isFrom(values[column]));
  return areFrom.length > rows.length / 2 ? 'shareGpt' : 'messages';
}

function isFrom(value: unknown): boolean {
  const turns = typeof value === 'string' ? parsed(value) : value;
  const [first] = Array.isArray(turns) ? (turns as unknown[]) : [];
  return typeof first === 'object' && first !== null && 'from' in first && !('role' in first);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function ofAnswers(version: { readonly roles: VersionRoles }, path: readonly string[]): FormByRoles {
  const at = (role: ColumnRole, what: string) => columnByRole(version, [role], { what, path });
  const prompt = at('PROMPT', 'the column of what is asked');
  const completion = at('COMPLETION', 'the column of the answers');
  const [second, ...others] = columnsWithRole(version, ['SECOND_TEXT']);
  const problems = [...prompt.problems, ...completion.problems];
  if (others.length > 0) {
    problems.push(...at('SECOND_TEXT', 'the column of the second texts').problems);
  }
  if (prompt.chosen === null || completion.chosen === null || problems.length > 0) {
    return { form: null, chosen: [], problems };
  }
  const form = formOfAnswers(prompt.chosen.column, completion.chosen.column, second?.column ?? null);
  if (form === null) {
    const message = `The column “${second!.column}” has the role SECOND_TEXT: whether it is what the model is told before, or what a task is about, its name does not say.`;
    const hint = 'Name it as `promptCompletion.systemColumn` or as `alpaca.inputColumn`, with the other columns.';
    const candidates = [second!.column];
    return { form, chosen: [], problems: [{ ...problem(path, 'UNCLEAR_COLUMN', message, hint), candidates }] };
  }
  const named = { ...form } as Readonly<Record<string, string | null>>;
  const fieldOf = (column: string) => Object.keys(named).find((field) => field !== 'kind' && named[field] === column)!;
  const chosen = [prompt.chosen, completion.chosen, ...(second === undefined ? [] : [{ ...second, path }])];
  return {
    form,
    chosen: chosen.map((each) => ({ ...each, path: [...path, form.kind, fieldOf(each.column)] })),
    problems: [],
  };
}
