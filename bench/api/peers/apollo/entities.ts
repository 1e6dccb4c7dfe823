import { Field, Float, ID, Int, ObjectType } from 'type-graphql';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** Tables and types of the graph in one class each, as type-graphql's examples have them. */

const timestamps = { type: 'timestamptz' } as const;

@ObjectType('BaseModel')
@Entity('base_models')
export class BaseModel {
  @Field(() => ID)
  @PrimaryColumn('uuid')
  id!: string;

  @Field(() => String)
  @Column('text')
  name!: string;

  @Field(() => String)
  @Column('text')
  digest!: string;

  @Field(() => String)
  @Column('text')
  source!: string;

  @Column('uuid', { name: 'produced_by_run_id', nullable: true })
  producedByRunId!: string | null;
}

@ObjectType('DatasetVersion')
@Entity('dataset_versions')
export class DatasetVersion {
  @Field(() => ID)
  @PrimaryColumn('uuid')
  id!: string;

  @Field(() => Int)
  @Column('int')
  number!: number;

  @Field(() => String)
  @Column('text')
  digest!: string;

  @Field(() => Float)
  @Column('bigint', { name: 'example_count', transformer: { from: Number, to: String } })
  exampleCount!: number;

  @Field(() => Date)
  @Column({ name: 'created_at', ...timestamps })
  createdAt!: Date;
}

@ObjectType('Evaluation')
@Entity('evaluations')
export class Evaluation {
  @Field(() => ID)
  @PrimaryColumn('uuid')
  id!: string;

  @Column('uuid', { name: 'base_model_id' })
  baseModelId!: string;

  @Field(() => String)
  @Column('text')
  split!: string;

  @Field(() => String)
  @Column('text')
  status!: string;

  @Field(() => Date)
  @Column({ name: 'created_at', ...timestamps })
  createdAt!: Date;

  @Field(() => Date, { nullable: true })
  @Column({ name: 'finished_at', nullable: true, ...timestamps })
  finishedAt!: Date | null;
}

@ObjectType('Metric')
@Entity('run_metrics')
export class Metric {
  @PrimaryColumn('uuid', { name: 'run_id' })
  runId!: string;

  @Field(() => String)
  @PrimaryColumn('text')
  key!: string;

  @Field(() => Float)
  @Column('float8')
  value!: number;

  @Field(() => Int)
  @Column('int')
  step!: number;

  @Field(() => Int)
  @Column('int')
  attempt!: number;
}

@Entity('runs')
export class Run {
  @PrimaryColumn('uuid')
  id!: string;

  @Column('uuid', { name: 'experiment_id' })
  experimentId!: string;

  @Column('text')
  status!: string;

  @Column({ name: 'started_at', nullable: true, ...timestamps })
  startedAt!: Date | null;

  @Column({ name: 'finished_at', nullable: true, ...timestamps })
  finishedAt!: Date | null;
}

@ObjectType('Experiment')
@Entity('experiments')
export class Experiment {
  @Field(() => ID)
  @PrimaryColumn('uuid')
  id!: string;

  @Column('uuid', { name: 'project_id' })
  projectId!: string;

  @Column('uuid', { name: 'base_model_id' })
  baseModelId!: string;

  @Column('uuid', { name: 'dataset_version_id' })
  datasetVersionId!: string;

  @Field(() => String)
  @Column('text')
  name!: string;

  @Field(() => [String])
  @Column('text', { array: true })
  tags!: string[];

  @Column({ name: 'archived_at', nullable: true, ...timestamps })
  archivedAt!: Date | null;

  @Field(() => Date)
  @Column({ name: 'created_at', ...timestamps })
  createdAt!: Date;
}

@Entity('projects')
export class Project {
  @PrimaryColumn('uuid')
  id!: string;

  @Column('text')
  slug!: string;
}
