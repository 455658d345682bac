/**
 * Microsoft's own description of Graph's presence, calendars and people (OpenAPI), to hold answers and requests
 * against. It lies beside the repository and not in it; where it is not there, the checks say so and stand
 * aside.
 */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { Ajv, type ValidateFunction } from 'ajv';
import { parse } from 'yaml';
import { root } from './sources.ts';

type Json = Record<string, unknown>;
interface Operation {
  readonly requestBody?: Json;
  readonly responses?: Readonly<Record<string, Json>>;
}

const fileOf = (name: 'strict' | 'relaxed') =>
  path.join(root, `../shared/data/graph-presence${name === 'relaxed' ? '.relaxed' : ''}.openapi.yaml`);

/** True where the description is beside the repository. */
export const hasGraphContract = (): boolean => existsSync(fileOf('relaxed'));

export interface GraphContract {
  /** Why this answer is none that the description allows; null where it is one, `undefined` for a route it does not have. */
  answerTrouble(method: string, url: string, status: number, body: unknown): string | null | undefined;
  /** The same for what is sent. */
  requestTrouble(method: string, url: string, body: unknown): string | null | undefined;
}

export function openGraphContract(name: 'strict' | 'relaxed'): GraphContract {
  const document = parse(readFileSync(fileOf(name), 'utf8')) as {
    paths: Record<string, Record<string, Operation>>;
    components: Json;
  };
  const ajv = new Ajv({ strict: false, validateFormats: false, allErrors: true });
  ajv.addSchema({ $id: 'graph', ...document });
  const routes = Object.entries(document.paths).map(([template, operations]) => ({
    template,
    operations,
    shape: new RegExp(`^${template.replaceAll(/[.$()]/g, '\\$&').replaceAll(/\{[^}]+\}/g, '[^/]+')}$`),
    // A path that is written out goes before one with a parameter in its place.
    parameters: template.split('{').length,
  }));
  routes.sort((a, b) => a.parameters - b.parameters);
  const compiled = new Map<string, ValidateFunction>();

  const pointer = (...keys: string[]) =>
    keys.map((key) => `/${encodeURIComponent(key.replaceAll('~', '~0').replaceAll('/', '~1'))}`).join('');
  function check(at: string, value: unknown): string | null {
    let validate = compiled.get(at);
    if (validate === undefined) {
      validate = ajv.compile({ $ref: `graph#${at}` });
      compiled.set(at, validate);
    }
    return validate(value) ? null : `${at}: ${ajv.errorsText(validate.errors)}`;
  }
  function find(method: string, url: string) {
    const bare = url.split('?')[0] as string;
    const verb = method.toLowerCase();
    const route = routes.find(({ shape, operations }) => shape.test(bare) && verb in operations);
    return route && { template: route.template, verb, operation: route.operations[verb] as Operation };
  }
  const jsonSchemaOf = (content: unknown) =>
    (content as Record<string, Json> | undefined)?.['application/json']?.schema;

  return {
    answerTrouble(method, url, status, body) {
      const found = find(method, url);
      if (found === undefined) return undefined;
      const { responses = {} } = found.operation;
      const named = [String(status), `${String(status)[0]}XX`, 'default'].find((code) => code in responses);
      if (named === undefined) return `${method} ${found.template} does not answer ${status}`;
      const reference = responses[named]?.$ref as string | undefined;
      const at =
        reference === undefined
          ? pointer('paths', found.template, found.verb, 'responses', named)
          : reference.slice(1);
      const response =
        reference === undefined
          ? responses[named]
          : atPointer(document as unknown as Json, reference.slice(1));
      if (jsonSchemaOf(response?.content) === undefined)
        return body === undefined ? null : `${method} ${found.template} ${status} has no body`;
      return check(`${at}${pointer('content', 'application/json', 'schema')}`, body);
    },
    requestTrouble(method, url, body) {
      const found = find(method, url);
      if (found === undefined) return undefined;
      const { requestBody } = found.operation;
      if (requestBody === undefined)
        return body === undefined ? null : `${method} ${found.template} takes no body`;
      const reference = requestBody.$ref as string | undefined;
      const at =
        reference === undefined
          ? pointer('paths', found.template, found.verb, 'requestBody')
          : reference.slice(1);
      return check(`${at}${pointer('content', 'application/json', 'schema')}`, body);
    },
  };
}

const atPointer = (document: Json, at: string): Json | undefined =>
  at
    .split('/')
    .slice(1)
    .reduce<unknown>(
      (value, key) => (value as Json | undefined)?.[key.replaceAll('~1', '/').replaceAll('~0', '~')],
      document,
    ) as Json | undefined;
