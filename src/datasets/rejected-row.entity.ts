import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { RejectionCode } from '../protocol/datasets/rejected-row.js';

/** A row of the uploaded file that is not in the version. */
@Entity('rejected_rows')
export class RejectedRow {
  @PrimaryColumn({ name: 'dataset_version_id', type: 'uuid' })
  datasetVersionId!: string;

  /** Counts from 0 in the order of the file. */
  @PrimaryColumn('int')
  position!: number;

  @Column('bigint')
  line!: string;

  @Column('text')
  code!: RejectionCode;

  @Column('text')
  reason!: string;

  @Column('text')
  excerpt!: string;
}
