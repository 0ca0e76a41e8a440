// Builds the SDL of a file by graphql-js, and prints what its introspection then has.
import { readFileSync } from 'node:fs';
import { buildSchema, introspectionFromSchema } from 'graphql';

const schema = buildSchema(readFileSync(process.argv[2], 'utf8'));
console.log(JSON.stringify(introspectionFromSchema(schema).__schema.types.map(({ name }) => name)));
