import { toPrompt } from '../generations/check-generation.js';
import { parseGlobalId, type TypeWithId } from '../graphql/global-id.js';
import { type InputProblem, ProblemsError, problem } from '../problems/problem.js';
import { checkContent } from '../protocol/feedback/check-content.js';
import { checkValue } from '../protocol/feedback/check-value.js';
import { groupOf } from '../protocol/feedback/group-of.js';
import type { FeedbackItemContent, FeedbackValue } from '../protocol/feedback.js';
import type { Query } from '../protocol/sql/query.js';
import { keyOfPlace } from './draw-keys.js';
import type { FeedbackItemInput } from './feedback-item.input.js';
import type { FeedbackTaskRow } from './feedback-task.reads.js';
import { toFeedbackValue } from './feedback-value.type.js';

/** An item that fits the question of its task. */
export interface CheckedItem {
  readonly content: FeedbackItemContent;
  readonly gold: FeedbackValue | null;
  readonly priority: number | null;
  /** Places of the answers that came without a key, and have the letters of their places until their keys are drawn. */
  readonly unnamed: readonly number[];
}

/** How many problems are told: a mistake that is in every item would fill the answer. */
const mostProblems = 50;

type Task = Pick<FeedbackTaskRow, 'projectId' | 'question'>;

/** The items of an input. Throws ProblemsError, whose paths lead into the input's `items`. */
export async function checkItems(
  query: Query,
  task: Task,
  inputs: readonly FeedbackItemInput[],
): Promise<CheckedItem[]> {
  const references = new References();
  const items = inputs.map((input, i) => toItem(task, input, ['items', String(i)], references));
  const problems = [
    ...items.flatMap((item, i) => checkItem(task, item, ['items', String(i)])),
    ...(await references.check(query, task.projectId)),
  ];
  if (problems.length > 0) throw new ProblemsError(problems.slice(0, mostProblems));
  return items;
}

function toItem(
  { question }: Task,
  input: FeedbackItemInput,
  path: readonly string[],
  references: References,
): CheckedItem {
  const prompt = input.prompt == null ? null : toPrompt(input.prompt);
  const text = input.text ?? null;
  const answers = input.answers.map((answer, i) => ({
    key: answer.key ?? keyOfPlace(i),
    text: answer.text,
    modelId: references.add('BaseModel', answer.modelId, [...path, 'answers', String(i), 'modelId']),
    generationId: references.add('Generation', answer.generationId, [...path, 'answers', String(i), 'generationId']),
    settings:
      answer.settings.length === 0 ? null : Object.fromEntries(answer.settings.map(({ name, value }) => [name, value])),
  }));
  const rowPath = [...path, 'row'];
  const versionId = references.add('DatasetVersion', input.row?.datasetVersionId, [...rowPath, 'datasetVersionId']);
  const row = input.row == null || versionId === null ? null : { versionId, row: Number(input.row.row) };
  if (row !== null) references.addRow(row, [...rowPath, 'row']);
  return {
    content: { prompt, text, answers, row, group: input.group ?? groupOf({ prompt, text, answers }) },
    gold: input.gold == null ? null : toFeedbackValue(question, input.gold),
    priority: input.priority ?? null,
    unnamed: input.answers.flatMap(({ key }, place) => (key == null ? [place] : [])),
  };
}

function checkItem({ question }: Task, { content, gold }: CheckedItem, path: readonly string[]): InputProblem[] {
  const wrong = checkContent(question, content);
  const values = gold === null || wrong.length > 0 ? [] : checkValue(question, content, gold);
  return [
    ...wrong.map((each) => ({ ...each, path: [...path, ...each.path] })),
    ...values.map((each) => ({ ...each, path: [...path, 'gold', ...each.path] })),
  ];
}

/** The objects that items name, looked up together. */
class References {
  readonly problems: InputProblem[] = [];
  private readonly named = new Map<TypeWithId, Map<string, (readonly string[])[]>>();
  private readonly rows: { readonly versionId: string; readonly row: number; readonly path: readonly string[] }[] = [];

  /** The row id; null: none is named, or it is the id of something else, which becomes a problem. */
  add(type: TypeWithId, id: string | null | undefined, path: readonly string[]): string | null {
    if (id == null) return null;
    const parsed = parseGlobalId(id);
    if (parsed?.type !== type) {
      this.problems.push(problem(path, 'NOT_FOUND', `This is no id of the type ${type}.`));
      return null;
    }
    const ofType = this.named.get(type) ?? new Map<string, (readonly string[])[]>();
    this.named.set(type, ofType);
    const places = ofType.get(parsed.uuid);
    if (places === undefined) ofType.set(parsed.uuid, [path]);
    else places.push(path);
    return parsed.uuid;
  }

  /** A row of a version that is added, too. */
  addRow(row: { readonly versionId: string; readonly row: number }, path: readonly string[]): void {
    this.rows.push({ ...row, path });
  }

  /** What is wrong with what was added: objects and rows that are not there, or of another project. */
  async check(query: Query, projectId: string): Promise<InputProblem[]> {
    const problems = [...this.problems];
    for (const [type, paths] of this.named) {
      const rows = await query<{ id: string }>(tables[type as keyof typeof tables], [projectId, [...paths.keys()]]);
      const known = new Set(rows.map(({ id }) => id));
      for (const [id, places] of paths) {
        if (known.has(id)) continue;
        for (const path of places) {
          problems.push(problem(path, 'NOT_FOUND', `The project has no ${type} with this id.`));
        }
      }
    }
    return [...problems, ...(await this.checkRows(query, projectId))];
  }

  private async checkRows(query: Query, projectId: string): Promise<InputProblem[]> {
    if (this.rows.length === 0) return [];
    const versions = await query<{ id: string; count: number }>(
      `SELECT v.id, v.example_count::float8 AS count FROM dataset_versions v JOIN datasets d ON d.id = v.dataset_id
        WHERE d.project_id = $1 AND v.id = ANY($2::uuid[])`,
      [projectId, [...new Set(this.rows.map(({ versionId }) => versionId))]],
    );
    const counts = new Map(versions.map(({ id, count }) => [id, count]));
    return this.rows.flatMap(({ versionId, row, path }) => {
      const count = counts.get(versionId);
      if (count === undefined || (row >= 0 && row < count)) return [];
      const message = `The version has ${count} rows, which count from 0; there is none of this number.`;
      return [problem(path, 'INVALID_VALUE', message)];
    });
  }
}

const tables = {
  BaseModel: 'SELECT id FROM base_models WHERE project_id = $1 AND id = ANY($2::uuid[])',
  Generation: 'SELECT id FROM generations WHERE project_id = $1 AND id = ANY($2::uuid[])',
  DatasetVersion: `SELECT v.id FROM dataset_versions v JOIN datasets d ON d.id = v.dataset_id
    WHERE d.project_id = $1 AND v.id = ANY($2::uuid[])`,
};
