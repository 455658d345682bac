/**
 * Statements are built and compiled once, with markers where values will stand; at run time only the
 * values are laid in. So a send builds no query, and every statement is prepared once per connection.
 */
import { type Compilable, type RawBuilder, sql } from 'kysely';
import type { Builder } from './tables.ts';

/** A compiled statement. `names[i]` names the argument of parameter i, or is null where `constants[i]` stands. */
export interface Statement<Args, Row> {
  readonly sql: string;
  readonly names: readonly (string | null)[];
  readonly constants: readonly unknown[];
  /** Place in a connection's list of prepared statements. */
  readonly index: number;
  /** Never set: carries the types. */
  readonly types?: (args: Args) => Row;
}

class Marker {
  readonly name: string;
  constructor(name: string) {
    this.name = name;
  }
}

/** Answers every property with a marker of that name; `Args` says which ones a statement really has. */
const markers = new Proxy({}, { get: (_, name) => new Marker(String(name)) });

export type Prepare = <Args extends object, Row>(
  build: (db: Builder, p: Args) => Compilable<Row>,
) => Statement<Args, Row>;

/** Makes the `prepare` of one engine: `prepare((db, p: { id: string }) => db.selectFrom(…).where('id', '=', p.id))`. */
export function createPrepare(builder: Builder): Prepare {
  let count = 0;
  return <Args extends object, Row>(build: (db: Builder, p: Args) => Compilable<Row>) => {
    const compiled = build(builder, markers as Args).compile();
    return {
      sql: compiled.sql,
      names: compiled.parameters.map((one) => (one instanceof Marker ? one.name : null)),
      constants: compiled.parameters.map((one) => (one instanceof Marker ? null : one)),
      index: count++,
    } as Statement<Args, Row>;
  };
}

/** The values of a statement's parameters, in their order. */
export function valuesOf<Args>(statement: Statement<Args, unknown>, args: Args): unknown[] {
  const { names, constants } = statement;
  const values = new Array<unknown>(names.length);
  for (let place = 0; place < names.length; place++) {
    const name = names[place] as string | null;
    values[place] = name === null ? constants[place] : (args as Record<string, unknown>)[name];
  }
  return values;
}

/** Where the dialects differ within a query. */
export interface Dialect {
  /** The strings of a JSON list that is given as one parameter, for `in`: one statement whatever the length. */
  strings(json: string): RawBuilder<string>;
  /** The same of integers. */
  numbers(json: string): RawBuilder<number>;
  /** The rows of a JSON list of lists with these columns, for `insert`: many rows in one statement. */
  rows(json: string, columns: readonly ('text' | 'integer')[]): RawBuilder<unknown>;
  /** True where every statement costs a message to a server: many rows go in one. */
  readonly isRemote: boolean;
}

export const dialects: Readonly<Record<'sqlite' | 'postgres', Dialect>> = {
  sqlite: {
    isRemote: false,
    strings: (json) => sql`(select value from json_each(${json}))`,
    numbers: (json) => sql`(select value from json_each(${json}))`,
    rows: (json, columns) => {
      const values = columns.map((_, place) => sql`value ->> ${sql.lit(place)}`);
      // Without "where" the parser takes "on conflict" for a join.
      return sql`select ${sql.join(values)} from json_each(${json}) where true`;
    },
  },
  postgres: {
    isRemote: true,
    strings: (json) => sql`(select jsonb_array_elements_text(${json}::jsonb))`,
    numbers: (json) => sql`(select jsonb_array_elements_text(${json}::jsonb)::bigint)`,
    rows: (json, columns) => {
      const values = columns.map((type, place) =>
        type === 'text' ? sql`value ->> ${sql.lit(place)}` : sql`(value ->> ${sql.lit(place)})::bigint`,
      );
      return sql`select ${sql.join(values)} from jsonb_array_elements(${json}::jsonb)`;
    },
  },
};
