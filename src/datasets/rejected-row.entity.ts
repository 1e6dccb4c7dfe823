import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { RejectionCode } from '../protocol/datasets/rejected-row.js';

/** A row of a file that the version's rows are from, which could not be read. */
@Entity('rejected_rows')
export class RejectedRow {
  @PrimaryColumn({ name: 'dataset_version_id', type: 'uuid' })
  datasetVersionId!: string;

  /** Counts from 0: in the order of the version's own files, then of the versions that it was made of. */
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

  /** The version that was made of the file: this one, or one that its rows are from, which may be gone since. */
  @Column({ name: 'read_by', type: 'uuid' })
  readBy!: string;
}
