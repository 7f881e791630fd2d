/**
 * A flat YAML mapping as MLflow's `meta.yaml` has it. Texts are written as JSON strings, which are YAML's double-quoted
 * ones, so that no reader takes `yes`, `1e3` or `12:30` for something else.
 */
export function toYamlLines(
  values: Readonly<Record<string, string | number | null | readonly string[]>>,
): string {
  const lines = Object.entries(values).map(([key, value]) => `${key}: ${scalar(value)}\n`);
  return lines.join('');
}

function scalar(value: string | number | null | readonly string[]): string {
  // line breaks of YAML that JSON leaves as they are
  const escaped = JSON.stringify(value).replace(
    /[\u007f-\u009f\u2028\u2029\ufeff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return escaped;
}
