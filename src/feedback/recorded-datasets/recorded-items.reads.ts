import { type Sql, sourceText, sql, toStatement } from '../../database/sql.js';
import type { RecordedForm, RecordedReading } from '../../protocol/feedback/dataset-rules.js';
import type { FeedbackItemContent, FeedbackQuestion, FeedbackValue } from '../../protocol/feedback.js';
import type { Query } from '../../protocol/sql/query.js';
import type { PromptFacts } from '../datasets/row-form.js';
import { rowBlocks } from '../results/row-blocks.js';

/** Which recorded feedback. Ids are those of rows. */
export interface RecordedChoice {
  readonly projectId: string;
  readonly form: RecordedForm;
  /** Null: of all models. */
  readonly modelIds: readonly string[] | null;
  /** Of predictions the head that made them; null: of all heads. */
  readonly task: string | null;
  /** Null: of all people. */
  readonly subjects: readonly string[] | null;
  readonly from: Date | null;
  /** The first moment after. */
  readonly until: Date | null;
  /** Whether thumbs that are up confirm labels that were predicted. */
  readonly confirmed: boolean;
}

/** What was judged, with what people thought of it. */
export interface RecordedItem {
  /** Of the newest record about it. */
  readonly id: string;
  readonly question: FeedbackQuestion;
  readonly content: FeedbackItemContent;
  /** Of a prediction about two texts the second one. */
  readonly pair: string | null;
  /** Ordered by person. */
  readonly answers: readonly {
    readonly userId: string;
    readonly value: FeedbackValue;
    /** Of a prediction what was predicted; null: it is none, or nobody said. */
    readonly predicted: readonly string[] | null;
  }[];
}

const valueKinds = {
  THUMBS: 'thumbs',
  BETTER_ANSWERS: 'correction',
  DEMONSTRATIONS: 'correction',
  LABELS: 'labels',
  SCORES: 'rating',
} as const satisfies Readonly<Record<RecordedForm, FeedbackValue['kind']>>;

/** Whoever the application calls by one name is one person; records without a name are by people of their own. */
const person = sourceText(`coalesce('subject ' || f.subject, 'record ' || f.id)`);

/**
 * Records `f` with what they are about: the same thing, if the same was shown for the same prompt or text. Labels are
 * of predictions, and all else is of answers that a model wrote.
 */
function chosenRecords(choice: RecordedChoice): Sql {
  const { projectId, form, modelIds, task, subjects, from, until, confirmed } = choice;
  const isLabels = form === 'LABELS';
  const shown = sourceText(isLabels ? 'NULL' : `f.content #>> '{answers,0,text}'`);
  const withThumbs = sql`OR (${isLabels && confirmed}::boolean AND f.value @> '{"kind": "thumbs", "up": true}'
                             AND jsonb_typeof(f.target -> 'labels') = 'array')`;
  return sql`SELECT f.id, f.created_at, f.base_model_id, f.target, f.content, f.question, f.value, ${person} AS person,
      md5(jsonb_build_array(f.content -> 'prompt', f.content -> 'text', f.target -> 'pair', ${shown})::text) AS thing
    FROM recorded_feedback f
   WHERE f.project_id = ${projectId}::uuid AND f.target ->> 'kind' = ${isLabels ? 'prediction' : 'answer'}::text
     AND (f.value ->> 'kind' = ${valueKinds[form]}::text ${withThumbs})
     AND (${modelIds}::uuid[] IS NULL OR f.base_model_id = ANY(${modelIds}::uuid[]))
     AND (${task}::text IS NULL OR f.target ->> 'task' = ${task}::text)
     AND (${subjects}::text[] IS NULL OR f.subject = ANY(${subjects}::text[]))
     AND (${from}::timestamptz IS NULL OR f.created_at >= ${from}::timestamptz)
     AND (${until}::timestamptz IS NULL OR f.created_at < ${until}::timestamptz)`;
}

/** What the chosen feedback is about, in the order of the first record about each, with each person's newest record. */
export async function* recordedItems(query: Query, choice: RecordedChoice): AsyncGenerator<RecordedItem> {
  const { text, parameters } = toStatement(sql`WITH chosen AS (${chosenRecords(choice)}), newest AS (
      SELECT DISTINCT ON (thing, person) thing, person, value, target FROM chosen
       ORDER BY thing, person, created_at DESC, id DESC
    ), said AS (
      SELECT thing, jsonb_agg(jsonb_build_object('userId', person, 'value', value, 'predicted', target -> 'labels')
                              ORDER BY person) AS answers
        FROM newest GROUP BY thing
    ), things AS (
      SELECT thing, min(created_at) AS first, (array_agg(id ORDER BY created_at DESC, id DESC))[1] AS id
        FROM chosen GROUP BY thing
    )
    SELECT f.id, f.question, f.content, f.target ->> 'pair' AS pair, said.answers
      FROM things JOIN said USING (thing) JOIN recorded_feedback f ON f.id = things.id
     ORDER BY things.first, things.thing`);
  for await (const rows of rowBlocks<RecordedItem>(query, { sql: text, parameters })) yield* rows;
}

/** What of recorded feedback is read; null: there is none. */
export async function recordedReading(query: Query, choice: RecordedChoice): Promise<RecordedReading | null> {
  const { text, parameters } = toStatement(sql`WITH chosen AS (${chosenRecords(choice)}), models AS (
      SELECT base_model_id, max(target ->> 'modelName') AS name, count(*)::float8 AS records FROM chosen
       GROUP BY base_model_id, CASE WHEN base_model_id IS NULL THEN target ->> 'modelName' END
    )
    SELECT count(*)::float8 AS records, count(DISTINCT person)::float8 AS people,
           min(created_at) AS from, max(created_at) AS until,
           (SELECT jsonb_agg(jsonb_build_object('modelId', base_model_id, 'name', name, 'records', records)
                             ORDER BY records DESC, name, base_model_id) FROM models) AS models
      FROM chosen`);
  const [row] = await query<Omit<RecordedReading, 'form' | 'from' | 'until'> & Record<'from' | 'until', Date | null>>(
    text,
    parameters,
  );
  const { from, until, ...rest } = row!;
  if (from === null || until === null) return null;
  return { form: choice.form, ...rest, from: from.toISOString(), until: until.toISOString() };
}

/** What of the chosen feedback decides which columns rows have. */
export interface RecordedFacts {
  readonly prompts: PromptFacts;
  /** The different questions, without thumbs and without the labels that could be chosen. */
  readonly questions: readonly FeedbackQuestion[];
}

export async function recordedFacts(query: Query, choice: RecordedChoice): Promise<RecordedFacts> {
  const prompt = sourceText(choice.form === 'LABELS' ? `target ->> 'pair'` : `content ->> 'prompt'`);
  const { text, parameters } = toStatement(sql`WITH chosen AS (${chosenRecords(choice)})
    SELECT coalesce(bool_or(${prompt} IS NOT NULL), false) AS any,
           coalesce(bool_and(${prompt} IS NOT NULL), false) AS all,
           coalesce(bool_or(content #>> '{prompt,kind}' = 'messages'), false) AS "areConversations",
           (SELECT coalesce(jsonb_agg(DISTINCT question - 'classes'), '[]') FROM chosen
             WHERE question ->> 'kind' <> 'thumbs') AS questions
      FROM chosen`);
  const [row] = await query<PromptFacts & Pick<RecordedFacts, 'questions'>>(text, parameters);
  const { questions, ...prompts } = row!;
  return { prompts, questions };
}
