import { availableParallelism } from 'node:os';
import { delimiter, resolve } from 'node:path';
import { z } from 'zod';
import {
  type ObservabilitySettings,
  observabilitySettings,
  observabilityVariables,
} from '../src/observability/settings.js';
import { parsePrivateAllowance } from '../src/outbound/network-rules.js';
import {
  engineTargets,
  logLevels,
  oneOf,
  postgresUrl,
  readVariables,
  wholeNumber,
} from '../src/protocol/environment.js';

/** The settings of a worker process, from its environment. */
export interface WorkerEnv {
  readonly databaseUrl: string;
  /** Absolute path of the folder with the artifact store. */
  readonly home: string;
  readonly engine: (typeof engineTargets)[number];
  readonly threads: number;
  readonly logLevel: (typeof logLevels)[number];
  readonly leaseSeconds: number;
  /** How much work of a preparation is kept, so that it is not done again; 0: each step, whatever that takes. */
  readonly keepStepsSeconds: number;
  readonly heartbeatIntervalMs: number;
  /** The hub that models are imported from. */
  readonly hub: {
    readonly endpoint: string;
    /** A secret, which must not reach a log, an error or the database. Null: only public models. */
    readonly token: string | null;
  };
  /**
   * The only folders that models may be imported from, as absolute paths; null: any folder that this process can read.
   */
  readonly importFolders: readonly string[] | null;
  /** In base64: the key that secrets of reward services come from. Null: it comes from the server's secret. */
  readonly rewardKey: string | null;
  /** The server's secret; null: the content of a file in `home`. */
  readonly secret: string | null;
  /** Where reward services may be beside the public internet. */
  readonly allowPrivate: string;
  readonly observability: ObservabilitySettings;
}

const publicHub = 'https://huggingface.co';

/** Reads the environment: the only place in `gpu-worker` that does. Throws EnvironmentError. */
export function readWorkerEnv(source: NodeJS.ProcessEnv = process.env): WorkerEnv {
  const read = readVariables(
    {
      DATABASE_URL: {
        schema: postgresUrl,
        allowed: 'the URL of the database the API uses, such as postgres://user:password@host:5432/attune',
        // The URL holds a password.
        secret: true,
      },
      ATTUNE_HOME: {
        schema: z.string(),
        allowed: 'the folder the API has as ATTUNE_HOME: the worker reads and writes the artifact store in it',
      },
      ATTUNE_ENGINE: oneOf(engineTargets, 'auto'),
      ATTUNE_THREADS: wholeNumber(1, 1024, availableParallelism()),
      LOG_LEVEL: oneOf(logLevels, 'info'),
      ATTUNE_LEASE_SECONDS: wholeNumber(1, 3600, 30),
      ATTUNE_KEEP_STEPS_SECONDS: wholeNumber(0, 86_400, 5),
      ATTUNE_HEARTBEAT_MS: wholeNumber(50, 600_000, 10_000),
      HF_ENDPOINT: {
        schema: z
          .string()
          .regex(/^https?:\/\/[^/\s@]+(\/\S*)?$/)
          .default(publicHub),
        allowed: `the http(s) URL of a model hub, without a user or password (default ${publicHub})`,
      },
      // The token becomes a header: for any other character, fetch would throw an error that quotes the whole header.
      HF_TOKEN: {
        schema: z
          .string()
          .trim()
          .regex(/^[\x21-\x7e]*$/)
          .optional(),
        allowed: 'a token of that hub: one line of visible ASCII characters',
        secret: true,
      },
      ATTUNE_REWARD_KEY: {
        schema: z
          .string()
          .regex(/^[A-Za-z0-9+/]{43}=$/)
          .optional(),
        allowed: 'what the API gives its own workers; leave it out',
        secret: true,
      },
      ATTUNE_SECRET: {
        schema: z.string().min(32).optional(),
        allowed: 'the same text as the API has; leave it out where the API has none',
        secret: true,
      },
      ATTUNE_WEBHOOK_ALLOW_PRIVATE: {
        schema: z
          .string()
          .default('')
          .refine((text) => parsePrivateAllowance(text) !== null),
        allowed: 'address ranges and host names such as 10.0.0.0/8,hooks.internal,*.corp.example, or * (default: none)',
      },
      ATTUNE_IMPORT_FOLDERS: {
        schema: z.string().optional(),
        allowed: `folders that models may be imported from, with “${delimiter}” between them (default: any)`,
      },
      ...observabilityVariables,
    },
    source,
  );
  return {
    databaseUrl: read.DATABASE_URL,
    home: resolve(read.ATTUNE_HOME),
    engine: read.ATTUNE_ENGINE,
    threads: read.ATTUNE_THREADS,
    logLevel: read.LOG_LEVEL,
    leaseSeconds: read.ATTUNE_LEASE_SECONDS,
    keepStepsSeconds: read.ATTUNE_KEEP_STEPS_SECONDS,
    heartbeatIntervalMs: read.ATTUNE_HEARTBEAT_MS,
    hub: { endpoint: read.HF_ENDPOINT.replace(/\/+$/, ''), token: read.HF_TOKEN || null },
    importFolders:
      read.ATTUNE_IMPORT_FOLDERS?.split(delimiter)
        .filter((folder) => folder.trim() !== '')
        .map((folder) => resolve(folder)) ?? null,
    rewardKey: read.ATTUNE_REWARD_KEY ?? null,
    secret: read.ATTUNE_SECRET ?? null,
    allowPrivate: read.ATTUNE_WEBHOOK_ALLOW_PRIVATE,
    observability: observabilitySettings(read),
  };
}
