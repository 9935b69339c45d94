import type { DatabaseSync, StatementSync } from "node:sqlite";

/** The SQL of one module, by name. */
export type Sql<Name extends string = string> = Readonly<Record<Name, string>>;

/** The same, prepared. */
export type PreparedSql<Group extends Sql> = { readonly [Name in keyof Group]: StatementSync };

/**
 * The prepared statements of one connection; they live as long as it does. Each module declares its SQL beside the code
 * that runs it. All of it is prepared when the connection is opened: see `GuardedConnection`.
 */
export class Prepared {
  readonly #groups = new Map<Sql, PreparedSql<Sql>>();

  constructor(database: DatabaseSync, groups: readonly Sql[]) {
    for (const sql of groups) {
      const statements: Record<string, StatementSync> = {};
      for (const [name, text] of Object.entries(sql)) statements[name] = database.prepare(text);
      this.#groups.set(sql, statements);
    }
  }

  /** The statements of one module, by the names under which it declares them. */
  of<Group extends Sql>(sql: Group): PreparedSql<Group> {
    const statements = this.#groups.get(sql);
    if (statements === undefined) throw new Error("These statements were not prepared when the database was opened.");
    return statements as PreparedSql<Group>;
  }
}
