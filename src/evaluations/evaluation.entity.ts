import { Column, CreateDateColumn, Entity, PrimaryColumn } from 'typeorm';
import type { Finding } from '../protocol/findings.js';
import type { EvaluateJob, EvaluationProgress } from '../protocol/job.js';
import type { PreferenceEvaluation } from '../protocol/preference-evaluation.js';
import type { PreferenceForm } from '../protocol/preference-form.js';
import type { Problem } from '../protocol/run-event.js';
import type { TokenEvaluation } from '../protocol/token-evaluation.js';
import type { StoredScores } from './scores.js';

@Entity('evaluations')
export class Evaluation {
  @PrimaryColumn('uuid')
  id!: string;

  @Column('uuid', { name: 'project_id' })
  projectId!: string;

  @Column('uuid', { name: 'base_model_id' })
  baseModelId!: string;

  @Column('uuid', { name: 'dataset_version_id' })
  datasetVersionId!: string;

  @Column('text')
  split!: string;

  @Column('text', { name: 'text_column' })
  textColumn!: string;

  @Column('text', { name: 'pair_column', nullable: true })
  pairColumn!: string | null;

  @Column('jsonb')
  tasks!: EvaluateJob['tasks'];

  /** What tokens the model itself is to predict; null where heads are scored. */
  @Column('jsonb', { nullable: true })
  tokens!: TokenEvaluation | null;

  /** How the rows hold judgements that a model is scored on; null where none are. */
  @Column('jsonb', { nullable: true })
  preference!: PreferenceForm | null;

  /** How a language model reads judged answers, and its reference; null unless one is scored on judgements. */
  @Column('jsonb', { name: 'preference_reading', nullable: true })
  preferenceReading!: PreferenceEvaluation | null;

  /** The model that its tokens or answers are compared with; null without one, or where it was deleted since. */
  @Column('uuid', { name: 'baseline_model_id', nullable: true })
  baselineModelId!: string | null;

  @Column('text')
  status!: 'QUEUED' | 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'CANCELED';

  @Column('jsonb', { nullable: true })
  progress!: EvaluationProgress | null;

  @Column('jsonb', { nullable: true })
  scores!: StoredScores[] | null;

  /** What its data say, beside its scores. */
  @Column('jsonb')
  findings!: readonly Finding[];

  /** The labels of all tasks; the database derives them from the scores. */
  @Column({ type: 'text', array: true, insert: false, update: false })
  labels!: string[];

  /** The file with what was said of each example; null without one. */
  @Column('text', { name: 'examples_digest', nullable: true })
  examplesDigest!: string | null;

  /** Why an evaluation that succeeded has none; null also of evaluations that are older than examples. */
  @Column('text', { name: 'examples_missing', nullable: true })
  examplesMissing!: 'QUOTA_EXCEEDED' | 'DISK_FULL' | null;

  @Column('jsonb', { nullable: true })
  problem!: Problem | null;

  @CreateDateColumn({ name: 'created_at', type: 'timestamptz' })
  createdAt!: Date;

  @Column('timestamptz', { name: 'finished_at', nullable: true })
  finishedAt!: Date | null;

  /** The user who asked for the evaluation; null for rows older than users. */
  @Column('uuid', { name: 'created_by', nullable: true })
  createdBy!: string | null;
}
