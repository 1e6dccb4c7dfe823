import type { AssignedRoles } from '../../../../../src/protocol/preparation/assigned-roles.js';
import type { ReportFindingCode } from '../../../../../src/protocol/preparation/report-finding.js';
import type { PlainRow } from '../../../../support/report-file.js';

/** By finding, where it is: numbers of rows, or what `placesOf` calls columns, splits and classes. */
export type Places = Partial<Readonly<Record<ReportFindingCode, Iterable<number | string>>>>;

/** A dataset version with faults in a known number. */
export interface PlantedVersion {
  readonly name: string;
  /** DuckDB's types of the columns, in order. */
  readonly types: Readonly<Record<string, string>>;
  /** Roles that somebody gives to columns; those of the others are guessed, as of each version. Default: none */
  readonly said?: AssignedRoles;
  readonly rows: readonly PlainRow[];
  /** What a report has to find. A finding shows ten rows at most, so no more are planted of one. */
  readonly planted: Places;
  /** What it may find besides, as a consequence: a text in another language is also far from all others. */
  readonly alsoTrue?: Places;
  /** Whether texts are compared by their features, which versions of few rows are too small for. Default: true */
  readonly hasFeatures?: boolean;
  /** The most tokens that the model reads of a text. Default: as many as there are. */
  readonly maxLength?: number;
}
