import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventSchemas } from '../../server/protocol/events.ts';
import { problemCodes } from '../../server/protocol/problems.ts';
import { startServer, type TestServer } from '../support/server.ts';

type Operation = {
  operationId: string;
  parameters?: { name: string; in: string }[];
  responses: Record<string, unknown>;
};
type Document = {
  openapi: string;
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, object> };
  'x-problem-codes': Record<string, unknown>;
};

describe('the OpenAPI document', () => {
  let server: TestServer;
  let document: Document;
  beforeAll(async () => {
    server = await startServer();
    document = (await (await server.fetch('/api/v1/openapi.json')).json()) as Document;
  });
  afterAll(() => server.stop());

  test('[TR7] names every route and nothing else, each operation once', () => {
    const named = Object.entries(document.paths).flatMap(([path, item]) =>
      Object.keys(item).map((verb) => `${verb} ${path}`),
    );
    const real = server.running.routes.map(({ method, path }) => `${method.toLowerCase()} /api/v1${path}`);
    expect(named.sort()).toEqual(
      [...real.filter((row) => !row.endsWith('/openapi.json')), 'get /api/v1/events'].sort(),
    );
    const ids = Object.values(document.paths).flatMap((item) =>
      Object.values(item).map(({ operationId }) => operationId),
    );
    expect(new Set(ids).size).toBe(ids.length);
  });

  test('[TR7] every path parameter is declared, and every schema compiles', () => {
    const ajv = new Ajv2020({ strict: false, validateFormats: false });
    let compiled = 0;
    for (const [path, item] of Object.entries(document.paths))
      for (const operation of Object.values(item)) {
        const declared = (operation.parameters ?? [])
          .filter((each) => each.in === 'path')
          .map(({ name }) => name);
        expect(declared).toEqual([...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name));
      }
    const visit = (value: unknown): void => {
      if (value === null || typeof value !== 'object') return;
      if ('schema' in value && typeof value.schema === 'object' && !('$ref' in (value.schema as object))) {
        ajv.compile(value.schema as object);
        compiled += 1;
      }
      for (const each of Object.values(value)) visit(each);
    };
    visit(document.paths);
    for (const schema of Object.values(document.components.schemas)) ajv.compile(schema);
    expect(compiled).toBeGreaterThan(30);
  });

  test('[TR7] every event and every problem code is described', () => {
    for (const type of Object.keys(eventSchemas))
      expect(document.components.schemas[`event.${type}`], type).toBeDefined();
    expect(Object.keys(document['x-problem-codes'])).toEqual(Object.keys(problemCodes));
  });
});
