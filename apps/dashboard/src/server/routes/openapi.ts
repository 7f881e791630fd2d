import { Hono } from 'hono';
import type { RouterRoute } from 'hono/types';
import { z } from 'zod';
import { Problem } from '../../api/schema.ts';
import { ANSWERS } from '../answers.ts';
import { parsingOf, type Parsing } from '../request.ts';

type JsonSchema = Record<string, unknown>;

function toSchema(schema: z.ZodType, io: 'input' | 'output'): JsonSchema {
  const described: JsonSchema = z.toJSONSchema(schema, { io, unrepresentable: 'any' });
  // the document says once which dialect it is written in
  delete described['$schema'];
  return described;
}

/** `/runs/:id{\\d+}` as OpenAPI writes it. */
export const openApiPath = (path: string): string =>
  path.replace(/:(\w+)(\{[^/]*\})?/g, '{$1}').replace(/(.)\/$/, '$1');

function parameters({ target, schema }: Parsing): JsonSchema[] {
  const { properties = {}, required = [] } = toSchema(schema, 'input') as {
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

function operation(key: string, parsings: readonly Parsing[]): JsonSchema {
  const { summary, answer, type = 'application/json' } = ANSWERS[key] ?? { summary: key };
  const body = parsings.find(({ target }) => target === 'json');
  const problem = {
    description: 'what was wrong',
    content: { 'application/json': { schema: toSchema(Problem, 'output') } },
  };
  return {
    summary,
    parameters: parsings.filter(({ target }) => target !== 'json').flatMap(parameters),
    ...(body && {
      requestBody: {
        required: true,
        content: { 'application/json': { schema: toSchema(body.schema, 'input') } },
      },
    }),
    responses: {
      200: {
        description: summary,
        content: { [type]: { schema: answer === undefined ? {} : toSchema(answer, 'output') } },
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
  for (const [key, parsings] of describedRoutes(routes)) {
    const [method, path] = key.split(' ') as [string, string];
    paths[path] = { ...paths[path], [method.toLowerCase()]: operation(key, parsings) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Atelier',
      version: '1',
      description: 'Runs, comparisons, sweeps and models of one home folder.',
    },
    paths,
  };
}

/** GET /api/openapi.json */
export function openApiRoutes(routes: () => readonly RouterRoute[]) {
  return new Hono().get('/', (context) => context.json(openApi(routes())));
}
