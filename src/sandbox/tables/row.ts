// Rows by the names of their columns.

export type Row = Record<string, SqlStorageValue>

export function insertRow(sql: SqlStorage, table: string, row: Row): void {
  const columns = Object.keys(row)
  const places = columns.map(() => '?').join(', ')
  sql.exec(`INSERT INTO ${table} (${columns.join(', ')}) VALUES (${places})`, ...Object.values(row))
}

/** Of the row with this id. */
export function updateRow(sql: SqlStorage, table: string, id: string, row: Row): void {
  const columns = Object.keys(row).map((column) => `${column} = ?`)
  sql.exec(`UPDATE ${table} SET ${columns.join(', ')} WHERE id = ?`, ...Object.values(row), id)
}
