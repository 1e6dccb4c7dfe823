import { Column, CreateDateColumn, Entity, PrimaryColumn } from 'typeorm';
import type { Baseline } from '../protocol/baselines.js';
import type { Finding } from '../protocol/findings.js';
import type { RunSpec } from '../protocol/methods/index.js';

@Entity('experiments')
export class Experiment {
  @PrimaryColumn('uuid')
  id!: string;

  @Column('uuid', { name: 'project_id' })
  projectId!: string;

  @Column('text')
  name!: string;

  @Column('text')
  method!: RunSpec['method'];

  /** Everything that determines the run's result. */
  @Column('jsonb')
  spec!: RunSpec;

  /** The labels of all tasks; the database takes them from the spec. */
  @Column({ type: 'text', array: true, insert: false, update: false })
  labels!: string[];

  @Column('uuid', { name: 'base_model_id' })
  baseModelId!: string;

  @Column('uuid', { name: 'dataset_version_id' })
  datasetVersionId!: string;

  /** The data of the control texts, or of a policy's judged answers; null without any. */
  @Column('uuid', { name: 'control_version_id', nullable: true })
  controlVersionId!: string | null;

  /** The model that a policy is compared with; null without one, or where it is the base model. */
  @Column('uuid', { name: 'reference_model_id', nullable: true })
  referenceModelId!: string | null;

  /** The scores without learning anything, on the examples that are measured. */
  @Column('jsonb')
  baselines!: readonly Baseline[];

  /** What its data say. What its run says is in `runs`. */
  @Column('jsonb')
  findings!: readonly Finding[];

  @CreateDateColumn({ name: 'created_at', type: 'timestamptz' })
  createdAt!: Date;

  /** The user who created the experiment; null for rows older than users. */
  @Column('uuid', { name: 'created_by', nullable: true })
  createdBy!: string | null;

  @Column('text', { array: true })
  tags!: string[];

  @Column('text')
  notes!: string;

  @Column('timestamptz', { name: 'archived_at', nullable: true })
  archivedAt!: Date | null;

  /** The experiment that this one was cloned from. */
  @Column('uuid', { name: 'cloned_from_id', nullable: true })
  clonedFromId!: string | null;

  /** The hyperparameters that the client left to the server (chosen-anew.ts). */
  @Column('text', { name: 'chosen_hyperparameters', array: true, default: {} })
  chosenHyperparameters!: string[];

  /** Priority of its job in the queue, from -100 to 100; higher runs sooner. */
  @Column('int')
  priority!: number;
}
