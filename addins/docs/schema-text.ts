/**
 * Writes a JSON Schema as one would write the type by hand, with its limits beside it, because that is what
 * a reader of an API wants to know. Pure; knows the parts of JSON Schema that our document uses.
 */

export interface Schema {
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly $ref?: string;
  readonly format?: string;
  readonly description?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
}

/** `{ a: string, b?: "x" | "y"[] }`, objects over several lines; `indent` is that of the line it stands on. */
export function schemaText(schema: Schema, indent = ''): string {
  if (schema.$ref !== undefined) return schema.$ref.replace(/^.*\//, '');
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum !== undefined) return schema.enum.map((value) => JSON.stringify(value)).join(' | ');
  const either = schema.anyOf ?? schema.oneOf;
  if (either !== undefined) return [...new Set(either.map((one) => schemaText(one, indent)))].join(' | ');
  if (schema.allOf !== undefined) return schema.allOf.map((one) => schemaText(one, indent)).join(' & ');
  if (Array.isArray(schema.type)) {
    return schema.type.map((type: string) => schemaText({ ...schema, type }, indent)).join(' | ');
  }
  if (schema.type === 'array') {
    const items = schemaText(schema.items ?? {}, indent);
    return items.includes(' | ') && !items.startsWith('{') ? `(${items})[]` : `${items}[]`;
  }
  if (schema.type === 'object' || schema.properties !== undefined) return objectText(schema, indent);
  if (schema.type === 'integer') return 'integer';
  return typeof schema.type === 'string' ? schema.type : 'any';
}

function objectText(schema: Schema, indent: string): string {
  const inner = `${indent}  `;
  const lines = Object.entries(schema.properties ?? {}).map(([name, property]) => {
    const optional = schema.required?.includes(name) ? '' : '?';
    const comment = commentOn(property);
    return `${inner}${/^[\w-]+$/.test(name) ? name : JSON.stringify(name)}${optional}: ${schemaText(property, inner)}${comment && `  // ${comment}`}`;
  });
  if (typeof schema.additionalProperties === 'object') {
    lines.push(`${inner}[name]: ${schemaText(schema.additionalProperties, inner)}`);
  }
  return lines.length === 0 ? '{}' : `{\n${lines.join('\n')}\n${indent}}`;
}

/** Limits and description of a property, in a few words: `1 to 500 characters`. */
export function commentOn(schema: Schema): string {
  const inner = schema.anyOf?.find((one) => one.type !== 'null') ?? schema;
  // Numbers without a limit of ours carry the limits of JavaScript's integers.
  const beyond = (limit: number | undefined) =>
    limit === undefined || Math.abs(limit) >= Number.MAX_SAFE_INTEGER;
  const parts = [
    range(inner.minLength, inner.maxLength, 'characters'),
    range(inner.minItems, inner.maxItems, 'items'),
    range(
      beyond(inner.minimum) ? undefined : inner.minimum,
      beyond(inner.maximum) ? undefined : inner.maximum,
      '',
    ),
    inner.exclusiveMinimum === undefined || beyond(inner.exclusiveMinimum)
      ? ''
      : `above ${inner.exclusiveMinimum}`,
    schema.description ?? inner.description ?? '',
  ];
  return parts.filter((part) => part !== '').join('; ');
}

function range(from: number | undefined, to: number | undefined, unit: string): string {
  if (from === undefined && to === undefined) return '';
  const words =
    to === undefined ? `at least ${from}` : from === undefined ? `at most ${to}` : `${from} to ${to}`;
  return unit === '' ? words : `${words} ${unit}`;
}
