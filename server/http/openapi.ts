/** The OpenAPI 3.1 document, made from the same rows and schemas that check the input. */
import { type ZodType, z } from 'zod';
import { eventSchemas } from '../protocol/events.ts';
import { problemCodes, problemSchema } from '../protocol/problems.ts';
import type { Route } from './route.ts';

const jsonSchema = (schema: ZodType, io: 'input' | 'output') => {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' });
  return rest;
};

/** Builds the document for these routes. Made once at start; the routes do not change while the server runs. */
export function openApiOf(routes: readonly Route[], version: string, baseUrl: string) {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const route of routes) {
    const parameters: unknown[] = [...route.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
      name,
      in: 'path',
      required: true,
      schema: { type: 'string' },
    }));
    if (route.query !== undefined) {
      const { properties = {}, required = [] } = jsonSchema(route.query, 'input') as {
        properties?: Record<string, unknown>;
        required?: string[];
      };
      for (const [name, schema] of Object.entries(properties))
        parameters.push({ name, in: 'query', required: required.includes(name), schema });
    }
    const codes = new Set(route.problems ?? []);
    const responses: Record<string, unknown> = {};
    for (const [status, schema] of Object.entries(route.answers))
      responses[status] =
        schema === null
          ? { description: 'Done.' }
          : {
              description: 'The answer.',
              content: { 'application/json': { schema: jsonSchema(schema, 'output') } },
            };
    responses.default = {
      description: `A problem${codes.size === 0 ? '' : `; beside the general ones: ${[...codes].join(', ')}`}.`,
      content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/problem' } } },
    };
    const path = paths[`/api/v1${route.path}`] ?? {};
    path[route.method.toLowerCase()] = {
      summary: route.summary,
      operationId: `${route.method.toLowerCase()}${route.path.replaceAll(/[^A-Za-z0-9]+(\w)/g, (_, letter: string) => letter.toUpperCase()).replaceAll(/\W/g, '')}`,
      tags: [route.path.split('/')[1]],
      ...(parameters.length === 0 ? {} : { parameters }),
      ...(route.body === undefined
        ? {}
        : {
            requestBody: {
              required: true,
              content: { 'application/json': { schema: jsonSchema(route.body, 'input') } },
            },
          }),
      responses,
      security: route.access === 'anonymous' ? [] : [{ bearer: [] }],
      'x-access': route.access,
    };
    paths[`/api/v1${route.path}`] = path;
  }
  paths['/api/v1/events'] = {
    get: {
      summary: 'The event stream: ready, replay, snapshot, then live events (text/event-stream).',
      operationId: 'getEvents',
      tags: ['events'],
      parameters: [
        {
          name: 'endpoint',
          in: 'query',
          required: true,
          schema: { type: 'string', pattern: '^[\\w.:@-]{1,100}$' },
        },
        { name: 'Last-Event-ID', in: 'header', required: false, schema: { type: 'string' } },
      ],
      responses: {
        200: {
          description:
            'Events until either side ends it; each `data` is the JSON of the schema named by `event`.',
          content: { 'text/event-stream': { schema: { type: 'string' } } },
        },
        default: {
          description: 'A problem.',
          content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/problem' } } },
        },
      },
      security: [{ bearer: [] }],
      'x-access': 'any',
    },
  };
  return {
    openapi: '3.1.0',
    info: {
      title: 'Jellybean',
      version,
      description: 'Presence and instant messaging. Errors are RFC 9457 problems; switch on `code`.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: baseUrl }],
    paths,
    components: {
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } },
      schemas: {
        problem: jsonSchema(problemSchema, 'output'),
        ...Object.fromEntries(
          Object.entries(eventSchemas).map(([type, schema]) => [
            `event.${type}`,
            jsonSchema(schema, 'output'),
          ]),
        ),
      },
    },
    'x-problem-codes': Object.fromEntries(
      Object.entries(problemCodes).map(([code, [status, title]]) => [code, { status, title }]),
    ),
  };
}
