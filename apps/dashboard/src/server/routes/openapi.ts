import { Hono } from 'hono';
import type { RouterRoute } from 'hono/types';
import { z } from 'zod';
import { Problem } from '../../api/schema.ts';
import { ANSWERS } from '../answers.ts';
import { parsingOf, type Parsing } from '../request.ts';

type JsonSchema = Record<string, unknown>;

/** Parts of schemas that refer to themselves, such as any JSON: in a document they have one place, by name. */
type Components = Record<string, JsonSchema>;

function toSchema(schema: z.ZodType, io: 'input' | 'output', components: Components): JsonSchema {
  const { $defs, ...described }: JsonSchema = z.toJSONSchema(schema, { io, unrepresentable: 'any' });
  // the document says once which dialect it is written in
  delete described['$schema'];
  if ($defs === undefined) return described;
  const prefix = `part${Object.keys(components).length}`;
  const placed = <Part>(part: Part): Part =>
    JSON.parse(JSON.stringify(part).replaceAll('"#/$defs/', `"#/components/schemas/${prefix}`)) as Part;
  for (const [name, part] of Object.entries($defs as Components)) components[prefix + name] = placed(part);
  return placed(described);
}

/** `/runs/:id{\\d+}` as OpenAPI writes it. */
export const openApiPath = (path: string): string =>
  path.replace(/:(\w+)(\{[^/]*\})?/g, '{$1}').replace(/(.)\/$/, '$1');

function parameters({ target, schema }: Parsing, components: Components): JsonSchema[] {
  const { properties = {}, required = [] } = toSchema(schema, 'input', components) as {
    properties?: Record<string, JsonSchema>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, of]) => ({
    name,
    in: target === 'param' ? 'path' : 'query',
    required: target === 'param' || required.includes(name),
    schema: of,
  }));
}

function operation(key: string, parsings: readonly Parsing[], components: Components): JsonSchema {
  const { summary, answer, type = 'application/json' } = ANSWERS[key] ?? { summary: key };
  const body = parsings.find(({ target }) => target === 'json');
  const problem = {
    description: 'what was wrong',
    content: { 'application/json': { schema: toSchema(Problem, 'output', components) } },
  };
  return {
    summary,
    parameters: parsings
      .filter(({ target }) => target !== 'json')
      .flatMap((parsing) => parameters(parsing, components)),
    ...(body && {
      requestBody: {
        required: true,
        content: { 'application/json': { schema: toSchema(body.schema, 'input', components) } },
      },
    }),
    responses: {
      200: {
        description: summary,
        content: { [type]: { schema: answer === undefined ? {} : toSchema(answer, 'output', components) } },
      },
      '4XX': problem,
    },
  };
}

/** Method and path of every route that answers by itself, with what it parses. */
export function describedRoutes(routes: readonly RouterRoute[]): Map<string, Parsing[]> {
  const found = new Map<string, Parsing[]>();
  for (const { method, path, handler } of routes) {
    if (method === 'ALL' || !path.startsWith('/api/')) continue;
    const key = `${method} ${openApiPath(path)}`;
    const parsings = found.get(key) ?? [];
    const parsing = parsingOf(handler);
    found.set(key, parsing === undefined ? parsings : [...parsings, parsing]);
  }
  return found;
}

/** The API in OpenAPI 3.1, read off the routes and the schemas that they parse with. */
export function openApi(routes: readonly RouterRoute[]): JsonSchema {
  const paths: Record<string, JsonSchema> = {};
  const components: Components = {};
  for (const [key, parsings] of describedRoutes(routes)) {
    const [method, path] = key.split(' ') as [string, string];
    paths[path] = { ...paths[path], [method.toLowerCase()]: operation(key, parsings, components) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Atelier',
      version: '1',
      description: 'Runs, comparisons, sweeps and models of one home folder.',
    },
    paths,
    components: { schemas: components },
  };
}

/** GET /api/openapi.json */
export function openApiRoutes(routes: () => readonly RouterRoute[]) {
  return new Hono().get('/', (context) => context.json(openApi(routes())));
}
