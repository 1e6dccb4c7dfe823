import { Column, Entity } from 'typeorm';
import type { ModelSource } from '../protocol/model-source.js';
import { Transfer } from './transfer.entity.js';

/** An import of a model into the registry. */
@Entity('model_imports')
export class ModelImport extends Transfer {
  /** The name that the model will have. */
  @Column('text')
  name!: string;

  @Column('jsonb')
  source!: ModelSource;

  @Column('text', { nullable: true })
  licence!: string | null;

  @Column('uuid', { name: 'adapter_base_model_id', nullable: true })
  adapterBaseModelId!: string | null;

  @Column('uuid', { name: 'base_model_id', nullable: true })
  baseModelId!: string | null;

  @Column('text', { name: 'ignored_tensors', array: true })
  ignoredTensors!: string[];
}
