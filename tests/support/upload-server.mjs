// Serves only uploads, in a process whose memory can be measured: `node upload-server.mjs <database url> <store
// folder>`.
import { once } from 'node:events';
import { createServer } from 'node:http';
import express from 'express';
import { entities } from '../../dist/src/app/entities.js';
import { createDataSource } from '../../dist/src/database/data-source.js';
import { uploadsRouter } from '../../dist/src/datasets/upload.router.js';
import { createUploadService } from '../../dist/src/datasets/upload.service.js';
import { openFileSystemStore } from '../../dist/src/storage/file-system-store.js';

const [url, root] = process.argv.slice(2);
const dataSource = await createDataSource({ url, entities }).initialize();
const store = await openFileSystemStore({ root });
const uploads = createUploadService({ dataSource, store, maxBytes: 2 ** 33, now: () => new Date() });

const server = createServer(express().use(uploadsRouter(uploads)));
server.listen(0, '127.0.0.1');
await once(server, 'listening');
process.send({ port: server.address().port });

// Answers any message with the process's peak memory in bytes.
process.on('message', () => process.send({ peakBytes: process.resourceUsage().maxRSS * 1024 }));
process.on('disconnect', () => process.exit());
