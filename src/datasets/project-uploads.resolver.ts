import { Args, Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import type { GraphQLContext } from '../access/context.js';
import { childConnection } from '../graphql/child-connection.js';
import { PageArgs, pageComplexity } from '../graphql/connection.js';
import { ProjectType } from '../projects/project.type.js';
import { bytesLeft } from '../protocol/sql/project-quota.js';
import { pendingUploadsOf } from './upload.reads.js';
import { toUploadType, uploads } from './upload.type.js';

/** Signs paths that work without a credential until their time is over. */
interface UploadSigner {
  sign(path: string, lifetimeSeconds: number, holder: string | null): { readonly path: string };
}

@Resolver(() => ProjectType)
export class ProjectUploadsResolver {
  constructor(
    private readonly signer: UploadSigner,
    private readonly limits: { readonly maxUploadBytes: number | bigint },
  ) {}

  @FieldResolver(() => uploads.Connection, {
    nullable: true,
    complexity: pageComplexity,
    description:
      "The viewer's uploads in this project that no dataset was made of yet, newest first: those that wait for their file, or for the rest of it, and those whose file has arrived. A client that lost the answer of createUpload, such as a page that was loaded again, finds its upload by name and size, and goes on. Null, beside an error, for viewers who may not send data.",
  })
  async pendingUploads(
    @Root() project: ProjectType,
    @Args(() => PageArgs) page: PageArgs,
    @Ctx() { loaders, viewer }: GraphQLContext,
  ) {
    const quota = (await loaders.quotas.quota.load(project.uuid))?.maxStorageBytes ?? null;
    const usedBytes = quota === null ? 0 : ((await loaders.quotas.storage.load(project.uuid))?.bytes ?? 0);
    const left = bytesLeft(quota === null ? null : { usedBytes, maxBytes: quota });
    const maxBytes = Math.min(Number(this.limits.maxUploadBytes), left);
    // With the API key that is given a URL, the URL ends.
    const holder = viewer.credential.kind === 'API_KEY' ? viewer.credential.id : null;
    return childConnection({
      loader: loaders.datasets.uploadsOfProject,
      parent: project.uuid,
      page,
      listing: { where: pendingUploadsOf(viewer.userId) },
      toNode: (row) => {
        const seconds = Math.max(1, Math.floor((row.expiresAt.getTime() - Date.now()) / 1000));
        return toUploadType(row, { url: this.signer.sign(`/uploads/${row.id}`, seconds, holder).path, maxBytes });
      },
      toConnection: uploads.toConnection,
    });
  }
}
