import { Field, ID, InputType } from 'type-graphql';
import { type Sql, sql } from '../database/sql.js';
import { anyOf, rowIds, values } from '../graphql/filter-values.js';
import { Sha256Scalar } from '../graphql/scalars.js';

@InputType({
  description: 'Which dataset versions to list: those that match every field. A null field restricts nothing.',
})
export class DatasetVersionFilter {
  @Field(() => [ID], {
    nullable: true,
    description: `Made from the file of one of these uploads, alone or with others. ${anyOf}`,
  })
  uploadId?: string[] | null;

  @Field(() => [Sha256Scalar], {
    nullable: true,
    description: `Made from an uploaded file with one of these SHA-256, alone or with others. ${anyOf}`,
  })
  fileDigest?: string[] | null;
}

/** Conditions on `dataset_versions v`. Throws a GraphQL error BAD_USER_INPUT. */
export function versionConditions({ uploadId, fileDigest }: DatasetVersionFilter): Sql[] {
  const hasSource = (condition: Sql) =>
    sql`EXISTS (SELECT FROM dataset_version_sources s
                 WHERE s.dataset_version_id = v.id AND s.kind = 'upload' AND ${condition})`;
  return [
    ...(uploadId == null ? [] : [hasSource(sql`s.upload_id = ANY(${rowIds('uploadId', 'Upload', uploadId)}::uuid[])`)]),
    ...(fileDigest == null ? [] : [hasSource(sql`s.digest = ANY(${values('fileDigest', fileDigest)}::text[])`)]),
  ];
}
