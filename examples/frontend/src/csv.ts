type Value = string | number | null | undefined;

/** Writes rows as CSV (RFC 4180), in UTF-8 with the mark by which spreadsheets know it. */
export function writeCsv(rows: readonly Value[][]): Blob {
  const lines = rows.map(row => row.map(writeCell).join(','));
  return new Blob(['\ufeff', ...lines.map(line => `${line}\r\n`)], { type: 'text/csv;charset=utf-8' });
}

function writeCell(value: Value): string {
  if (typeof value === 'number') return String(value);
  // A spreadsheet would run a text that begins so, and whoever edits the catalogue chooses its texts.
  const text = (value ?? '').replace(/^[=+\-@\t\r]/, "'$&");
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
