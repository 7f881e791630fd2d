import { parseDocument, visit } from 'yaml';

/** A plain scalar by YAML 1.1's rules as PyYAML applies them: `1e3` and `12:30` are texts there, which it leaves unquoted. */
function plain(text: string): unknown {
  if (/^(~|null|)$/i.test(text)) return null;
  if (/^(true|yes|on)$/i.test(text)) return true;
  if (/^(false|no|off)$/i.test(text)) return false;
  return /^[-+]?(\d+|\d[\d_]*\.\d*(e[-+]\d+)?)$/i.test(text) ? Number(text.replaceAll('_', '')) : text;
}

/**
 * Reads the YAML that PyYAML's safe_dump writes, as in MLflow's `meta.yaml`.
 * @throws Error where the text is no YAML, has a key twice or aliases (safe_dump writes none of them).
 */
export function parseYaml(text: string): unknown {
  const document = parseDocument(text, { schema: 'failsafe' });
  const [error] = document.errors;
  if (error !== undefined) throw error;
  visit(document, {
    Scalar: (key, node) => {
      if (key !== 'key' && node.type === 'PLAIN') node.value = plain(node.source ?? '');
    },
  });
  return document.toJS({ maxAliasCount: 0 });
}
