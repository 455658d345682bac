import { expect, test } from 'vitest';
import { z } from 'zod';
import { commentOn, type Schema, schemaText } from '../../addins/docs/schema-text.ts';
import { messageInputSchema } from '../../server/protocol/conversations.ts';
import { viewSchema } from '../../server/protocol/presence.ts';

const ofZod = (schema: z.ZodType) =>
  z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as Schema;

test('[OP11] a schema reads as the type that one would write', () => {
  const schema = z.strictObject({
    name: z.string().min(1).max(250),
    kind: z.enum(['a', 'b']),
    tags: z
      .array(z.union([z.literal('x'), z.int()]))
      .max(3)
      .optional(),
    inner: z.object({ until: z.string().nullable() }),
    'x-odd name': z.boolean(),
  });
  expect(schemaText(ofZod(schema))).toBe(`{
  name: string  // 1 to 250 characters
  kind: "a" | "b"
  tags?: ("x" | integer)[]  // at most 3 items
  inner: {
    until: string | null
  }
  "x-odd name": boolean
}`);
});

test('[OP11] limits of JavaScript are not shown as limits of ours', () => {
  expect(commentOn(ofZod(z.int()))).toBe('');
  expect(commentOn(ofZod(z.int().min(1)))).toBe('at least 1');
  expect(commentOn(ofZod(z.int().positive().max(9)))).toContain('9');
});

test('[OP11] the schemas of the contract have no part that cannot be written', () => {
  for (const schema of [viewSchema, messageInputSchema])
    expect(schemaText(ofZod(schema))).not.toMatch(/\bany\b/);
});
