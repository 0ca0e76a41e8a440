// What every client asks.
import { createHash } from 'node:crypto';

export const QUERY = `
  query Package($slug: String!) {
    package(slug: $slug) { nodeId title category { nodeId title } grids { nodeId title packages { nodeId slug } } }
  }
`;
export const VARIABLES = { slug: 'django-loci' };

// One package by two arguments: the client's mistake, a field error.
export const WRONG = `{ package(id: "1", slug: "a") { title } }`;

export const sha256 = text => createHash('sha256').update(text).digest('hex');
